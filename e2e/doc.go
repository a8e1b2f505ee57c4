// Package e2e has tests in a real browser. README.md says how to run them and what they measure.
package e2e
