//! A list that is mostly short.

/// Up to `N` elements lie in the value itself, more of them elsewhere: whoever has the value in the
/// cache has short lists there too.
#[derive(Clone, Debug)]
pub(super) enum Few<T, const N: usize> {
    /// The first `len` of them; the rest repeats the first one.
    Here { len: u8, list: [T; N] },
    /// None at all, which takes no memory either, or more than `N`.
    Elsewhere(Box<[T]>),
}

impl<T, const N: usize> Few<T, N> {
    pub(super) fn as_slice(&self) -> &[T] {
        match self {
            Self::Here { len, list } => list.get(..usize::from(*len)).unwrap_or_default(),
            Self::Elsewhere(list) => list,
        }
    }
}

impl<T: Copy, const N: usize> From<Vec<T>> for Few<T, N> {
    fn from(all: Vec<T>) -> Self {
        let (Some(first), true) = (all.first(), all.len() <= N) else {
            return Self::Elsewhere(all.into());
        };
        let mut list = [*first; N];
        list.iter_mut().zip(&all).for_each(|(place, element)| *place = *element);
        // A list that is longer lies elsewhere: `N` is a single digit.
        Self::Here { len: all.len() as u8, list }
    }
}

impl<T, const N: usize> Default for Few<T, N> {
    fn default() -> Self {
        Self::Elsewhere(Box::default())
    }
}

impl<T: PartialEq, const N: usize> PartialEq for Few<T, N> {
    fn eq(&self, other: &Self) -> bool {
        self.as_slice() == other.as_slice()
    }
}

impl<T: Eq, const N: usize> Eq for Few<T, N> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_the_list_it_was_made_of() {
        for len in 0..9_u8 {
            let list: Vec<u8> = (0..len).collect();
            let few = Few::<u8, 3>::from(list.clone());
            assert_eq!(few.as_slice(), list);
            assert_eq!(matches!(few, Few::Here { .. }), (1..=3).contains(&len));
            assert!(few == few.clone() && few != Few::from(vec![9]));
        }
    }
}
