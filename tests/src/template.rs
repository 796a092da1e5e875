//! The SAM template as data, its intrinsic functions in their long form.

use crate::repository::{self, Result};
use serde_json::{Map, Value, json};
use serde_yaml_ng::Value as Yaml;

/// Where the template is.
pub const TEMPLATE: &str = "infra/template.yaml";

/// The template.
#[derive(Clone, Debug, PartialEq)]
pub struct Template(pub Value);

/// A resource.
#[derive(Clone, Copy, Debug)]
pub struct Resource<'t> {
    /// Its logical id.
    pub id: &'t str,
    /// Its definition.
    pub body: &'t Value,
}

/// A route of the HTTP API.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Route {
    /// `POST /orders`.
    pub key: String,
    /// The folder of the function that answers it.
    pub function: String,
    /// The scopes of which one must be in the token, sorted; none for a route without a token.
    pub scopes: Vec<String>,
}

impl Template {
    /// The project's template.
    ///
    /// # Errors
    /// It cannot be read or parsed.
    pub fn read() -> Result<Self> {
        let yaml: Yaml = serde_yaml_ng::from_str(&repository::text(TEMPLATE)?)?;
        Ok(Self(plain(yaml)?))
    }

    /// The resources of a type.
    pub fn resources(&self, kind: &str) -> impl Iterator<Item = Resource<'_>> {
        let all = self.0["Resources"].as_object().into_iter().flatten();
        all.map(|(id, body)| Resource { id, body }).filter(move |resource| resource.body["Type"] == kind)
    }

    /// The functions.
    pub fn functions(&self) -> impl Iterator<Item = Resource<'_>> {
        self.resources("AWS::Serverless::Function")
    }

    /// The resource of that logical id.
    #[must_use]
    pub fn resource(&self, id: &str) -> Option<Resource<'_>> {
        let (id, body) = self.0["Resources"].as_object()?.get_key_value(id)?;
        Some(Resource { id, body })
    }

    /// The folder whose binary the function called `id` is.
    #[must_use]
    pub fn folder_of(&self, id: &str) -> Option<&str> {
        self.resource(id)?.properties()["CodeUri"].as_str()?.strip_prefix("../target/lambda/")?.strip_suffix('/')
    }

    /// The routes, sorted.
    ///
    /// # Errors
    /// A route does not lead to a function.
    pub fn routes(&self) -> Result<Vec<Route>> {
        let routes = self.resources("AWS::ApiGatewayV2::Route").map(|route| self.route(route));
        let mut routes: Vec<Route> = routes.collect::<Result<_>>()?;
        routes.sort();
        Ok(routes)
    }

    fn route(&self, route: Resource<'_>) -> Result<Route> {
        let lost = || format!("{} does not lead to a function", route.id);
        let properties = route.properties();
        let target = properties["Target"]["Fn::Sub"].as_str().ok_or_else(lost)?;
        let integration = target.strip_prefix("integrations/${").and_then(|target| target.strip_suffix('}'));
        let integration = integration.and_then(|id| self.resource(id)).ok_or_else(lost)?;
        let function = integration.properties()["IntegrationUri"]["Fn::GetAtt"][0].as_str().ok_or_else(lost)?;
        let scopes = properties["AuthorizationScopes"].as_array().into_iter().flatten();
        let mut scopes: Vec<String> = scopes.filter_map(Value::as_str).map(str::to_owned).collect();
        scopes.sort();
        let is_open = properties["AuthorizationType"] == "NONE";
        if is_open != scopes.is_empty() {
            return Err(format!("{} must name scopes, or that it needs none", route.id).into());
        }
        Ok(Route {
            key: properties["RouteKey"].as_str().ok_or_else(lost)?.to_owned(),
            function: self.folder_of(function).ok_or_else(lost)?.to_owned(),
            scopes,
        })
    }
}

impl<'t> Resource<'t> {
    /// Its properties.
    #[must_use]
    pub fn properties(&self) -> &'t Value {
        &self.body["Properties"]
    }
}

/// YAML as JSON: `!Ref x` is `{"Ref": "x"}`, `!GetAtt a.b` is `{"Fn::GetAtt": ["a", "b"]}`.
fn plain(yaml: Yaml) -> Result<Value> {
    Ok(match yaml {
        Yaml::Null => Value::Null,
        Yaml::Bool(is) => Value::Bool(is),
        Yaml::Number(number) => serde_json::to_value(number)?,
        Yaml::String(text) => Value::String(text),
        Yaml::Sequence(items) => items.into_iter().map(plain).collect::<Result<_>>()?,
        Yaml::Mapping(fields) => {
            let mut object = Map::new();
            for (name, value) in fields {
                let name = name.as_str().ok_or("a key that is no text")?.to_owned();
                object.insert(name, plain(value)?);
            }
            Value::Object(object)
        }
        Yaml::Tagged(tagged) => {
            let name = tagged.tag.to_string().trim_start_matches('!').to_owned();
            let value = plain(tagged.value)?;
            match (name.as_str(), value.as_str().and_then(|text| text.split_once('.'))) {
                ("Ref" | "Condition", _) => json!({ name: value }),
                ("GetAtt", Some((resource, attribute))) => json!({ "Fn::GetAtt": [resource, attribute] }),
                _ => json!({ format!("Fn::{name}"): value }),
            }
        }
    })
}
