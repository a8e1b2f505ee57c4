package core

import (
	"fmt"
	"strconv"
	"time"
)

const maxMaxAge = 24 * time.Hour

// maxAge returns the value of Access-Control-Max-Age, or "" where it is not sent.
func maxAge(c *Config) string {
	switch {
	case c.MaxAge < 0:
		return "0"
	case c.MaxAge == 0:
		return ""
	}
	return strconv.Itoa(int(c.MaxAge.Seconds()))
}

// checkMaxAge checks Config.MaxAge.
func checkMaxAge(c *Config, report *mistakes) {
	if c.MaxAge > maxMaxAge {
		report.add(&ConfigError{Field: "max_age", Index: -1, Value: c.MaxAge.String(),
			Reason: ConfigReasonOutOfRange,
			Hint:   `write at most "24h"; no browser keeps a preflight longer`})
	}
	if c.MaxAge > 0 && c.MaxAge < time.Millisecond { // a number of seconds, which Go takes for ns
		report.add(&ConfigError{Field: "max_age", Index: -1, Value: c.MaxAge.String(),
			Reason: ConfigReasonOutOfRange,
			Hint:   fmt.Sprintf("write %d * time.Second", c.MaxAge.Nanoseconds())})
	} else if c.MaxAge > 0 && c.MaxAge%time.Second != 0 {
		report.add(&ConfigError{Field: "max_age", Index: -1, Value: c.MaxAge.String(),
			Reason: ConfigReasonOutOfRange,
			Hint:   "write whole seconds; the field has no fractions"})
	}
}
