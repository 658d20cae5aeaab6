pub(crate) fn define(_c: &mut criterion::Criterion) {}
