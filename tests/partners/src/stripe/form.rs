//! Form-encoded parameters with bracketed keys, read the way the processor reads them: every one must be known.

use super::refusal::Refusal;
use std::collections::BTreeMap;

/// The parameters of one call. Reading takes them out; [`Params::finish`] refuses what is left.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Params(BTreeMap<String, Vec<String>>);

impl Params {
    /// Reads a form body or a query string.
    pub fn parse(bytes: &[u8]) -> Self {
        let mut params = BTreeMap::<String, Vec<String>>::new();
        for (key, value) in form_urlencoded::parse(bytes) {
            params.entry(key.into_owned()).or_default().push(value.into_owned());
        }
        Self(params)
    }

    /// A text, if sent. An empty one is refused: it would unset what cannot be unset.
    pub fn text(&mut self, name: &str) -> Result<Option<String>, Refusal> {
        match self.0.remove(name).and_then(|mut values| values.pop()) {
            Some(text) if text.is_empty() => Err(Refusal::empty(name)),
            other => Ok(other),
        }
    }

    /// A text that must be sent.
    pub fn need(&mut self, name: &str) -> Result<String, Refusal> {
        self.text(name)?.ok_or_else(|| Refusal::missing(name))
    }

    /// A whole number of at least `least`, if sent.
    pub fn integer(&mut self, name: &str, least: i64) -> Result<Option<i64>, Refusal> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        match text.parse::<i64>() {
            Ok(number) if number >= least => Ok(Some(number)),
            Ok(_) => Err(Refusal::too_low(name, least)),
            Err(_) => Err(Refusal::not_an_integer(name, &text)),
        }
    }

    /// `true` or `false`, if sent.
    pub fn flag(&mut self, name: &str) -> Result<Option<bool>, Refusal> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        match text.as_str() {
            "true" => Ok(Some(true)),
            "false" => Ok(Some(false)),
            _ => Err(Refusal::invalid(name, format!("Invalid boolean: {text}"))),
        }
    }

    /// One of `choices`, if sent.
    pub fn choice(&mut self, name: &str, choices: &[&'static str]) -> Result<Option<&'static str>, Refusal> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        let chosen = choices.iter().find(|choice| **choice == text);
        let must = || format!("Invalid {name}: must be one of {}", choices.join(", "));
        chosen.copied().map(Some).ok_or_else(|| Refusal::invalid(name, must()))
    }

    /// Everything sent as `name[key]`, by its key.
    pub fn group(&mut self, name: &str) -> BTreeMap<String, String> {
        let inner = |key: &str| Some(key.strip_prefix(name)?.strip_prefix('[')?.strip_suffix(']')?.to_owned());
        let keys: Vec<_> = self.0.keys().filter_map(|key| Some((key.clone(), inner(key)?))).collect();
        let values = keys.into_iter().filter_map(|(key, inner)| Some((inner, self.0.remove(&key)?.pop()?)));
        values.collect()
    }

    /// Whether `name` itself was sent without a value, which for a group means: unset all of it.
    pub fn take_empty(&mut self, name: &str) -> bool {
        let empty = self.0.get(name).is_some_and(|values| values.iter().all(String::is_empty));
        if empty {
            self.0.remove(name);
        }
        empty
    }

    /// Everything sent as `name[]` or `name[0]`, in order.
    pub fn list(&mut self, name: &str) -> Vec<String> {
        let repeated = self.0.remove(&format!("{name}[]")).unwrap_or_default();
        repeated.into_iter().chain(self.group(name).into_values()).collect()
    }

    /// Accepts these parameters, and whatever is nested in them, without a meaning here.
    pub fn tolerate(&mut self, names: &[&str]) {
        let known = |key: &str| {
            let root = key.split('[').next().unwrap_or(key);
            names.contains(&root)
        };
        self.0.retain(|key, _| !known(key));
    }

    /// Refuses what nobody has read.
    pub fn finish(self) -> Result<(), Refusal> {
        self.0.keys().next().map_or(Ok(()), |name| Err(Refusal::unknown(name)))
    }

    /// Whether anything of this name was sent, nested or not.
    pub fn has(&self, name: &str) -> bool {
        self.0.keys().any(|key| key == name || key.strip_prefix(name).is_some_and(|rest| rest.starts_with('[')))
    }
}

#[cfg(test)]
mod tests {
    use super::Params;

    #[test]
    fn bracketed_keys_are_read_by_their_inner_name() {
        let mut params = Params::parse(b"metadata%5Border_id%5D=ord-1&metadata[n]=2&amount=5&expand[]=a&expand[1]=b");
        let metadata = params.group("metadata");
        assert_eq!(metadata["order_id"], "ord-1");
        assert_eq!(metadata["n"], "2");
        assert_eq!(params.list("expand"), ["a", "b"]);
        assert_eq!(params.integer("amount", 1).unwrap(), Some(5));
        assert!(params.finish().is_ok());
    }

    #[test]
    fn the_order_of_parameters_does_not_matter() {
        assert_eq!(Params::parse(b"a=1&b=2"), Params::parse(b"b=2&a=1"));
        assert_ne!(Params::parse(b"a=1&b=2"), Params::parse(b"a=1&b=3"));
    }

    #[test]
    fn what_nobody_reads_is_refused() {
        let mut params = Params::parse(b"shipping[name]=a&surprise=1");
        params.tolerate(&["shipping"]);
        let refusal = params.finish().unwrap_err();
        assert_eq!(refusal.code, Some("parameter_unknown"));
        assert_eq!(refusal.param.as_deref(), Some("surprise"));
    }

    #[test]
    fn a_number_which_is_none_is_refused() {
        let read = |text: &str| Params::parse(format!("amount={text}").as_bytes()).integer("amount", 1);
        for text in ["12.5", "abc", "0", "-1", "", "99999999999999999999"] {
            assert!(read(text).is_err(), "{text} was read");
        }
    }
}
