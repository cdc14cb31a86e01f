// Package table reads tables, CSV and NDJSON, and maps their rows to declared records.
//
// A [Dialect] says how the bytes of a file are to be read; nothing about them is guessed.
// [Open] makes a [Reader] of a stream, which gives one [Row] after the other with the place
// of every cell. [Compile] makes a [Mapping] of what a manifest says, a closed set of verbs;
// [Mapping.On] joins the two to a [Mapper], which gives one [Item] for each record: declared
// nodes, the same that a manifest in YAML gives, each at the place of its cell. Whether a
// value suits its field is for the codecs of package value to say, for tables as for YAML.
//
// What is wrong is a [Fault], with the file, the line, the column, the offset and the text of
// the cell. A fault of one row concerns that row: reading goes on behind it.
//
// The package opens nothing and writes nothing: it gets streams from its caller. Memory is
// bounded by the longest row, but for tables of values and for child rows, which are kept as
// their places.
package table
