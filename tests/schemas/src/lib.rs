//! A JSON Schema that values are held against.

use jsonschema::Validator;
use serde_json::Value;

/// A schema, ready to validate.
#[derive(Debug)]
pub struct Schema {
    /// The schema itself.
    pub json: Value,
    validator: Validator,
}

impl Schema {
    /// Reads a schema, which has to be one itself.
    ///
    /// # Panics
    ///
    /// It is none.
    #[must_use]
    pub fn new(json: Value) -> Self {
        if let Err(error) = jsonschema::meta::validate(&json) {
            panic!("no schema: {error} at {}", error.instance_path());
        }
        // What stands behind the host of a URL is not read by the settings, so that its format is a
        // hint, as it is by default in this draft; those of days and times count.
        let options = jsonschema::options().should_validate_formats(true);
        let validator = options.with_format("uri", |_: &str| true).build(&json);
        let validator = validator.unwrap_or_else(|error| panic!("no schema: {error}"));
        Self { json, validator }
    }

    /// Reads the text of a schema.
    ///
    /// # Panics
    ///
    /// It is none.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let json = serde_json::from_str(text);
        Self::new(json.unwrap_or_else(|error| panic!("no JSON: {error}")))
    }

    /// Does the value fit?
    ///
    /// # Errors
    ///
    /// It does not: what is wrong, and where.
    pub fn check(&self, value: &Value) -> Result<(), String> {
        let wrong: Vec<_> = self
            .validator
            .iter_errors(value)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
    }
}
