// Package e2e asks a real browser. All of it is in the tests; README.md says how to run them and what they measure.
package e2e
