// Package kv turns any ordered key/value store into a state backend.
//
// Start at Engine, Store and Family: whoever has a store implements those.
package kv

// Format is the layout of full snapshots: states, key groups and entries in
// canonical order, whatever store they come from.
const Format = "kv/1"
