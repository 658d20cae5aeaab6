//! One function a target; each takes any bytes and panics only where a promise is broken.

pub mod address;
pub mod dataverse;
pub mod message;
pub mod recipients;
pub mod sas_url;
pub mod sender;
pub mod settings;
pub mod subject;
pub mod token;
