//! The format of what goes to standard output.

/// The format of data on standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// Aligned columns with blanks between.
    #[default]
    Table,
    /// JSON with four blanks of indentation.
    Json,
    /// CSV with a header line.
    Csv,
}
