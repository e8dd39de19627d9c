//! Circles of shapes: which shapes hold each other, however far round.
//!
//! In: which shape holds which. Out: a number for each shape, the same for two if each leads to the other. What
//! must stay true: the time grows with the number of edges, however the shapes hang together, and nothing
//! recurses: a chain of shapes is as long as a model likes.

use std::collections::BTreeMap;

/// Which shapes each shape holds.
pub(super) type Edges<'a> = BTreeMap<&'a str, Vec<&'a str>>;

/// A shape on the way, and how many of its targets have been looked at.
struct Open<'a> {
    id: &'a str,
    looked_at: usize,
}

/// The strongly connected components, by Tarjan's algorithm.
pub(super) fn circles<'a>(edges: &Edges<'a>) -> BTreeMap<&'a str, usize> {
    let mut search = Search {
        edges,
        found: BTreeMap::new(),
        low: Vec::new(),
        pending: Vec::new(),
        circle: BTreeMap::new(),
    };
    for id in edges.keys() {
        search.visit(id);
    }
    search.circle
}

struct Search<'e, 'a> {
    edges: &'e Edges<'a>,
    /// The order in which shapes were found.
    found: BTreeMap<&'a str, usize>,
    /// For each shape by that order, the earliest that it is known to lead to.
    low: Vec<usize>,
    /// Shapes whose circle is not known yet.
    pending: Vec<&'a str>,
    circle: BTreeMap<&'a str, usize>,
}

impl<'a> Search<'_, 'a> {
    fn visit(&mut self, start: &'a str) {
        let mut path: Vec<Open<'a>> = Vec::new();
        path.extend(self.open(start));
        while let Some(top) = path.last_mut() {
            let id = top.id;
            let target = self.edges.get(id).and_then(|targets| targets.get(top.looked_at)).copied();
            top.looked_at += 1;
            let Some(target) = target else {
                path.pop();
                let low = self.close(id);
                if let Some(before) = path.last() {
                    self.lower(before.id, low);
                }
                continue;
            };
            match self.open(target) {
                Some(open) => path.push(open),
                // A target whose circle is closed leads nowhere new.
                None if self.circle.contains_key(target) => {}
                None => self.lower(id, self.found.get(target).copied()),
            }
        }
    }

    /// Starts with a shape, unless it was found before.
    fn open(&mut self, id: &'a str) -> Option<Open<'a>> {
        if self.found.contains_key(id) {
            return None;
        }
        self.found.insert(id, self.low.len());
        self.low.push(self.low.len());
        self.pending.push(id);
        Some(Open { id, looked_at: 0 })
    }

    fn lower(&mut self, id: &str, to: Option<usize>) {
        let entry = self.found.get(id).and_then(|order| self.low.get_mut(*order));
        if let (Some(low), Some(to)) = (entry, to) {
            *low = (*low).min(to);
        }
    }

    /// Ends with a shape; gives what it leads to while its circle is open.
    fn close(&mut self, id: &'a str) -> Option<usize> {
        let order = *self.found.get(id)?;
        let low = *self.low.get(order)?;
        if low != order {
            return Some(low);
        }
        while let Some(member) = self.pending.pop() {
            self.circle.insert(member, order);
            if member == id {
                break;
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::{Edges, circles};

    #[test]
    fn shapes_that_lead_to_each_other_share_a_circle() {
        let edges: Edges<'_> = [
            ("a", vec!["b"]),
            ("b", vec!["c", "d"]),
            ("c", vec!["a"]),
            ("d", vec!["d", "e"]),
            ("e", vec!["f"]),
            ("f", vec![]),
        ]
        .into();
        let circles = circles(&edges);
        let same = |left: &str, right: &str| circles.get(left) == circles.get(right);
        assert!(same("a", "b") && same("b", "c"));
        assert!(!same("a", "d") && !same("d", "e") && !same("e", "f"));
    }

    #[test]
    fn a_long_chain_that_closes_is_one_circle() {
        let names: Vec<String> = (0..100_000).map(|number| format!("s{number:06}")).collect();
        let next = names.iter().cycle().skip(1);
        let edges: Edges<'_> =
            names.iter().zip(next).map(|(from, to)| (from.as_str(), vec![to.as_str()])).collect();
        let circles = circles(&edges);
        assert_eq!(circles.len(), names.len());
        assert!(circles.values().all(|circle| *circle == 0));
    }
}
