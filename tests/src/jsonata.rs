//! As much of JSONata as the state machine uses: paths below `$states`, texts, `&`, objects, lists and `$merge`.
//! Anything else is an error that names the expression, so that what is tested here is what the machine says.

use serde_json::{Map, Value};

/// An expression that cannot be evaluated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{expression}`: {because}")]
pub struct Unclear {
    expression: String,
    because: String,
}

/// A template with every `{% … %}` in it replaced by its value. `states` is what `$states` stands for.
///
/// # Errors
/// An expression is not understood, or names something that is not there (which fails the state on AWS).
pub fn evaluate(template: &Value, states: &Value) -> Result<Value, Unclear> {
    match template {
        Value::String(text) => match text.strip_prefix("{%").and_then(|text| text.strip_suffix("%}")) {
            Some(expression) => Parser { expression, rest: expression, states }.whole(),
            None => Ok(template.clone()),
        },
        Value::Array(items) => items.iter().map(|item| evaluate(item, states)).collect(),
        Value::Object(fields) => {
            let field = |(name, value): (&String, &Value)| Ok((name.clone(), evaluate(value, states)?));
            fields.iter().map(field).collect::<Result<Map<_, _>, _>>().map(Value::Object)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(template.clone()),
    }
}

struct Parser<'e> {
    expression: &'e str,
    rest: &'e str,
    states: &'e Value,
}

impl Parser<'_> {
    fn whole(mut self) -> Result<Value, Unclear> {
        let value = self.expression()?;
        if self.rest.trim().is_empty() { Ok(value) } else { Err(self.unclear("goes on with something unknown")) }
    }

    fn unclear(&self, because: &str) -> Unclear {
        let at = if self.rest.trim().is_empty() { "its end" } else { self.rest.trim() };
        Unclear { expression: self.expression.trim().to_owned(), because: format!("{because}, at {at}") }
    }

    /// Eats `token` if it comes next.
    fn eat(&mut self, token: &str) -> bool {
        let rest = self.rest.trim_start().strip_prefix(token);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn need(&mut self, token: &str) -> Result<(), Unclear> {
        if self.eat(token) { Ok(()) } else { Err(self.unclear(&format!("`{token}` expected"))) }
    }

    fn expression(&mut self) -> Result<Value, Unclear> {
        let mut value = self.term()?;
        while self.eat("&") {
            let (left, right) = (self.text_of(&value)?, self.term()?);
            value = Value::String(left + &self.text_of(&right)?);
        }
        Ok(value)
    }

    fn text_of(&self, value: &Value) -> Result<String, Unclear> {
        value.as_str().map(str::to_owned).ok_or_else(|| self.unclear("only texts are joined"))
    }

    fn term(&mut self) -> Result<Value, Unclear> {
        match () {
            () if self.eat("$states") => self.path(),
            () if self.eat("$merge(") => self.merge(),
            () if self.eat("'") => self.text().map(Value::String),
            () if self.eat("[") => self.list().map(Value::Array),
            () if self.eat("{") => self.object().map(Value::Object),
            () => Err(self.unclear("is not understood")),
        }
    }

    fn path(&mut self) -> Result<Value, Unclear> {
        let mut value = self.states;
        while let Some(rest) = self.rest.strip_prefix('.') {
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            let (name, rest) = rest.split_at(end);
            self.rest = rest;
            value = value.get(name).ok_or_else(|| self.unclear(&format!("`{name}` is not there")))?;
        }
        Ok(value.clone())
    }

    fn text(&mut self) -> Result<String, Unclear> {
        let (text, rest) = self.rest.split_once('\'').ok_or_else(|| self.unclear("`'` expected"))?;
        self.rest = rest;
        Ok(text.to_owned())
    }

    fn list(&mut self) -> Result<Vec<Value>, Unclear> {
        let mut items = Vec::new();
        while !self.eat("]") {
            items.push(self.expression()?);
            if !self.eat(",") {
                self.need("]")?;
                break;
            }
        }
        Ok(items)
    }

    fn object(&mut self) -> Result<Map<String, Value>, Unclear> {
        let mut fields = Map::new();
        while !self.eat("}") {
            self.need("'")?;
            let name = self.text()?;
            self.need(":")?;
            fields.insert(name, self.expression()?);
            if !self.eat(",") {
                self.need("}")?;
                break;
            }
        }
        Ok(fields)
    }

    fn merge(&mut self) -> Result<Value, Unclear> {
        let parts = self.expression()?;
        self.need(")")?;
        let mut merged = Map::new();
        for part in parts.as_array().ok_or_else(|| self.unclear("a list is merged"))? {
            merged.extend(part.as_object().ok_or_else(|| self.unclear("objects are merged"))?.clone());
        }
        Ok(Value::Object(merged))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_catch_adds_its_stage_and_the_cause() {
        let states = json!({"input": {"a": 1}, "errorOutput": {"Error": "Transient", "Cause": "late"}});
        let template = json!(
            "{% $merge([$states.input, {'stage': 's', 'cause': $states.errorOutput.Error & ': ' & $states.errorOutput.Cause}]) %}"
        );
        assert_eq!(evaluate(&template, &states), Ok(json!({"a": 1, "stage": "s", "cause": "Transient: late"})));
    }

    #[test]
    fn what_is_not_there_or_not_understood_is_named() {
        let states = json!({"input": {}});
        let said = |expression: &str| evaluate(&json!(expression), &states).unwrap_err().to_string();
        assert_eq!(said("{% $states.input.tenant %}"), "`$states.input.tenant`: `tenant` is not there, at its end");
        assert_eq!(said("{% $sum(1) %}"), "`$sum(1)`: is not understood, at $sum(1)");
    }
}
