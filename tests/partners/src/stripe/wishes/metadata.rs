//! The caller's own keys.

use crate::stripe::form::Params;
use crate::stripe::refusal::Refusal;
use std::collections::BTreeMap;

/// Keys to set, and, where the value is empty, to unset.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Metadata {
    keys: BTreeMap<String, String>,
    unset_all: bool,
}

impl Metadata {
    /// Reads `metadata[key]`; an empty `metadata` unsets every key.
    pub fn read(params: &mut Params) -> Result<Self, Refusal> {
        let unset_all = params.take_empty("metadata");
        let keys = params.group("metadata");
        let too_long = |(key, value): (&String, &String)| key.chars().count() > 40 || value.chars().count() > 500;
        if keys.len() > 50 || keys.iter().any(too_long) {
            let rule = "Metadata can have up to 50 keys, with key names up to 40 characters long and values up to 500.";
            return Err(Refusal::invalid("metadata", rule));
        }
        Ok(Self { keys, unset_all })
    }

    /// Adds the keys to `kept`, or takes them away.
    pub fn apply_to(self, kept: &mut BTreeMap<String, String>) {
        if self.unset_all {
            kept.clear();
        }
        for (key, value) in self.keys {
            if value.is_empty() {
                kept.remove(&key);
            } else {
                kept.insert(key, value);
            }
        }
    }

    /// What a new resource begins with.
    pub fn into_new(self) -> BTreeMap<String, String> {
        let mut kept = BTreeMap::new();
        self.apply_to(&mut kept);
        kept
    }
}

#[cfg(test)]
mod tests {
    use super::{Metadata, Params};
    use std::collections::BTreeMap;

    #[test]
    fn an_empty_value_unsets_its_key_and_an_empty_map_unsets_all() {
        let mut kept = BTreeMap::from([("a", "1"), ("b", "2")].map(|(key, value)| (key.to_owned(), value.to_owned())));
        let read = |form: &str| Metadata::read(&mut Params::parse(form.as_bytes())).unwrap();
        read("metadata[a]=&metadata[c]=3").apply_to(&mut kept);
        assert_eq!(kept.keys().collect::<Vec<_>>(), ["b", "c"]);
        read("metadata=&metadata[d]=4").apply_to(&mut kept);
        assert_eq!(kept.keys().collect::<Vec<_>>(), ["d"]);
    }
}
