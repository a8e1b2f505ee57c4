package core

import "slices"

// Consents are the entries of Unsafe.Accept, and for each the checks that it has waived.
type consents map[string][]ConfigReason

func newConsents(c *Config) consents {
	list := consents{}
	for _, entry := range c.Unsafe.Accept {
		list[entry] = nil
	}
	return list
}

// waives reports whether an entry is taken although there is a reason against it.
func (list consents) waives(entry string, reason ConfigReason) bool {
	waived, ok := list[entry]
	if ok && !slices.Contains(waived, reason) {
		list[entry] = append(waived, reason)
	}
	return ok
}

// checkStale reports entries of Unsafe.Accept that waive nothing: what they were for is gone, or
// was never refused. After other mistakes an entry of the lists may not have come so far.
func (list consents) checkStale(c *Config, report *mistakes) {
	failed := len(report.list) > 0
	configured := map[string]bool{}
	for _, entry := range slices.Concat(c.Origins, c.OriginRegexps) {
		configured[entry] = true
	}
	for i, entry := range c.Unsafe.Accept {
		if len(list[entry]) > 0 {
			continue
		}
		hint := "remove it, or write it letter for letter as in origins or origin_regexps"
		if configured[entry] {
			hint = "remove it: no check that can be waived refuses this entry"
			if failed {
				continue
			}
		}
		report.add(&ConfigError{Field: "unsafe.accept", Index: i, Value: entry,
			Reason: ConfigReasonStale, Hint: hint})
	}
}

// orAccept ends a hint about an entry that may be taken all the same.
const orAccept = ", or list it in unsafe.accept"
