// Package enum names the values of enumerations. It may know nothing of this module.
package enum

// Name returns the name of a value. One that has no name is "unknown".
func Name[E ~uint8](names []string, value E) string {
	if int(value) >= len(names) {
		return "unknown"
	}
	return names[value]
}
