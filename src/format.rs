//! The format of data on standard output.

/// The format of data on standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// Aligned columns, separated by spaces.
    #[default]
    Table,
    /// JSON, indented by four spaces.
    Json,
    /// CSV with a header line.
    Csv,
}
