//! Which of the known prefixes end here? A trie of folded prefixes, read from right to left.

use std::collections::VecDeque;
use std::ops::Range;

use super::boundary::joins;

/// A text as the scanner reads it: folded, walked from right to left.
pub(super) trait Leftward {
    /// Between two characters.
    type Place: Copy;

    /// The folded character before a place, and the place before it. A run of white space is one
    /// blank; there is none at the beginning of the text.
    fn before(&mut self, at: Self::Place) -> Option<(char, Self::Place)>;

    /// The number that so many digits before a place write, at most 19, and the place before them;
    /// `None` when they are not all digits.
    fn digits(&mut self, end: Self::Place, digits: usize) -> Option<(Self::Place, u64)>;
}

/// The prefixes of all formats. A walk costs no more than the longest prefix is long, however many
/// there are.
#[derive(Debug, Clone)]
pub(super) struct PrefixIndex {
    nodes: Vec<Node>,
    edges: Vec<(char, u32)>,
}

#[derive(Debug, Clone)]
struct Node {
    edges: Range<u32>,
    ends: Option<PrefixEnd>,
}

/// A prefix that is complete at a node.
#[derive(Debug, Clone, Copy)]
pub(super) struct PrefixEnd {
    /// Its place in the list the index was made from.
    pub(super) prefix: u32,
    /// Its first character would make a word with a letter before it.
    pub(super) first_joins: bool,
    /// Its last character is a letter or digit: no blank may stand between it and the digits.
    pub(super) last_joins: bool,
}

impl PrefixIndex {
    /// An index of distinct folded prefixes, none of them empty.
    pub(super) fn new(prefixes: &[String]) -> Self {
        let mut reversed: Vec<(Vec<char>, u32)> =
            prefixes.iter().zip(0..).map(|(text, i)| (text.chars().rev().collect(), i)).collect();
        reversed.sort_unstable();
        let mut index = Self { nodes: Vec::new(), edges: Vec::new() };
        // Breadth first: a node's place is its turn in the queue.
        let mut queue = VecDeque::from([(reversed.as_slice(), 0)]);
        let mut queued = 1;
        while let Some((mut below, depth)) = queue.pop_front() {
            let mut ends = None;
            if let Some(((text, prefix), rest)) = below.split_first()
                && text.len() == depth
            {
                ends = Some(PrefixEnd {
                    prefix: *prefix,
                    first_joins: text.last().copied().is_some_and(joins),
                    last_joins: text.first().copied().is_some_and(joins),
                });
                below = rest;
            }
            let first_edge = count(index.edges.len());
            for same in below.chunk_by(|(a, _), (b, _)| a.get(depth) == b.get(depth)) {
                let Some(c) = same.first().and_then(|(text, _)| text.get(depth)) else { continue };
                index.edges.push((*c, queued));
                queued += 1;
                queue.push_back((same, depth + 1));
            }
            index.nodes.push(Node { edges: first_edge..count(index.edges.len()), ends });
        }
        index
    }

    /// Calls `found` for every prefix that ends at `at`, the shortest first, with the place where
    /// it begins.
    #[inline]
    pub(super) fn walk<T: Leftward>(
        &self,
        text: &mut T,
        mut at: T::Place,
        mut found: impl FnMut(&mut T, PrefixEnd, T::Place),
    ) {
        let mut node = self.nodes.first();
        while let Some(here) = node {
            let Some((c, left)) = text.before(at) else { return };
            node = self.child(here, c);
            at = left;
            if let Some(end) = node.and_then(|node| node.ends) {
                found(text, end, at);
            }
        }
    }

    #[inline]
    fn child(&self, node: &Node, c: char) -> Option<&Node> {
        let edges = self.edges.get(node.edges.start as usize..node.edges.end as usize)?;
        let edge = match edges {
            [edge] if edge.0 == c => edge,
            [_] | [] => return None,
            _ => edges.get(edges.binary_search_by_key(&c, |edge| edge.0).ok()?)?,
        };
        self.nodes.get(edge.1 as usize)
    }
}

/// Formats are at most 4,096 and prefixes at most 20 characters, each folding to at most 18.
fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
