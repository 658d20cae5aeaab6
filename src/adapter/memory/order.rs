//! Numbers in an order.

/// The numbers of things that are kept elsewhere, in an order that the things have: each method is
/// told which of them come before a place.
///
/// In runs of at most [`RUN`](Self::RUN), so that a number in the midst of millions moves no more
/// than a run and a list of runs. Adding behind all others, which is the rule, looks at one thing.
#[derive(Debug, Default)]
pub(super) struct Order {
    /// None of them is empty.
    runs: Vec<Vec<u32>>,
}

impl Order {
    const RUN: usize = 512;

    /// These numbers, in this order: short lists, which are most, take no more room than they need.
    pub(super) fn of(numbers: &[u32]) -> Self {
        Self { runs: vec![numbers.to_vec()] }
    }

    /// Adds a number behind those that come `before` it.
    pub(super) fn insert(&mut self, number: u32, before: impl Fn(u32) -> bool) {
        let (mut run, mut at) = self.place(before);
        if run == self.runs.len() {
            match self.runs.last_mut() {
                Some(last) if last.len() < Self::RUN => last.push(number),
                _ => self.runs.push(vec![number]),
            }
            return;
        }
        let Some(full) = self.runs.get_mut(run) else { return };
        if full.len() >= Self::RUN {
            let half = full.len() / 2;
            let upper = full.split_off(half);
            self.runs.insert(run + 1, upper);
            if at > half {
                (run, at) = (run + 1, at - half);
            }
        }
        if let Some(run) = self.runs.get_mut(run) {
            run.insert(at.min(run.len()), number);
        }
    }

    /// Takes out a number, which is behind those that come `before` it; `false` where it is not.
    pub(super) fn remove(&mut self, number: u32, before: impl Fn(u32) -> bool) -> bool {
        let (at_run, at) = self.place(before);
        let Some(run) = self.runs.get_mut(at_run) else { return false };
        if run.get(at) != Some(&number) {
            return false;
        }
        run.remove(at);
        let left = run.len();
        if left == 0 {
            self.runs.remove(at_run);
        } else if left < Self::RUN / 4 && !self.join(at_run) && at_run > 0 {
            self.join(at_run - 1);
        }
        true
    }

    /// Makes one run of this one and the next, where they leave room for as many again.
    fn join(&mut self, run: usize) -> bool {
        let len = |run: usize| self.runs.get(run).map(Vec::len);
        let (Some(one), Some(other)) = (len(run), len(run + 1)) else { return false };
        if one + other > Self::RUN / 2 {
            return false;
        }
        let next = self.runs.remove(run + 1);
        if let Some(run) = self.runs.get_mut(run) {
            run.extend(next);
        }
        true
    }

    /// The numbers in order, without those that come `before`.
    pub(super) fn behind(&self, before: impl Fn(u32) -> bool) -> impl Iterator<Item = u32> {
        let (run, at) = self.place(before);
        let first = self.runs.get(run).and_then(|run| run.get(at..)).unwrap_or_default();
        let rest = self.runs.get(run + 1..).unwrap_or_default();
        first.iter().chain(rest.iter().flatten()).copied()
    }

    /// The numbers from the last to the first.
    pub(super) fn backwards(&self) -> impl Iterator<Item = u32> {
        self.runs.iter().rev().flat_map(|run| run.iter().rev()).copied()
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// How many numbers, counted up to `cap`.
    pub(super) fn len_up_to(&self, cap: usize) -> usize {
        let mut len = 0;
        for run in &self.runs {
            len += run.len();
            if len >= cap {
                return cap;
            }
        }
        len
    }

    /// The run, and the place in it, behind all that come `before`.
    fn place(&self, before: impl Fn(u32) -> bool) -> (usize, usize) {
        let all_before = |run: &Vec<u32>| run.last().is_none_or(|last| before(*last));
        if self.runs.last().is_none_or(all_before) {
            return (self.runs.len(), 0);
        }
        let run = self.runs.partition_point(all_before);
        let at = self.runs.get(run).map_or(0, |run| run.partition_point(|number| before(*number)));
        (run, at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn runs_are_split_and_joined() {
        let mut order = Order::default();
        // From the middle outward: every insertion is somewhere else.
        let spread = |n: u32| (n * 7919) % 10_007;
        for n in 0..10_007 {
            let number = spread(n);
            order.insert(number, |other| other < number);
        }
        assert!(order.runs.len() > 10_007 / Order::RUN);
        assert!(order.runs.iter().all(|run| run.len() <= Order::RUN));
        assert!(order.behind(|_| false).eq(0..10_007));
        assert!(order.behind(|other| other < 5_000).eq(5_000..10_007));
        assert!(order.backwards().eq((0..10_007).rev()));
        let most = order.runs.len();
        for number in (0..10_007).filter(|number| number % 100 != 0) {
            assert!(order.remove(number, |other| other < number));
        }
        assert!(order.behind(|_| false).eq((0..10_007).step_by(100)));
        assert!(order.runs.len() * 4 < most, "{} of {most} runs are left", order.runs.len());
    }

    proptest! {
        #[test]
        fn is_a_sorted_set(steps in prop::collection::vec((any::<bool>(), 0_u32..40), 0..200)) {
            let mut order = Order::default();
            let mut model = std::collections::BTreeSet::new();
            for (add, number) in steps {
                if !add {
                    let there = model.remove(&number);
                    prop_assert_eq!(order.remove(number, |other| other < number), there);
                } else if model.insert(number) {
                    order.insert(number, |other| other < number);
                }
                prop_assert!(order.behind(|_| false).eq(model.iter().copied()));
                prop_assert!(order.behind(|other| other <= 20).eq(model.range(21..).copied()));
                prop_assert!(order.backwards().eq(model.iter().rev().copied()));
                prop_assert_eq!(order.len_up_to(10), model.len().min(10));
                prop_assert_eq!(order.is_empty(), model.is_empty());
            }
        }
    }
}
