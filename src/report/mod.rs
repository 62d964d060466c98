//! The same model without a screen: text and JSON.
