package core

import (
	"strconv"
	"time"
)

const (
	maxMaxAge              = 24 * time.Hour
	defaultPreflightStatus = 204
	statusForbidden        = 403
)

// preflightStatus returns the status of a successful preflight.
func preflightStatus(c *Config) int {
	if c.PreflightStatus == 0 {
		return defaultPreflightStatus
	}
	return c.PreflightStatus
}

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

// checkPreflight checks Config.MaxAge and Config.PreflightStatus.
func checkPreflight(c *Config, report *mistakes) {
	if c.MaxAge > maxMaxAge {
		report.add(&ConfigError{Field: "max_age", Index: -1, Value: c.MaxAge.String(),
			Reason: ConfigReasonOutOfRange,
			Hint:   `write at most "24h"; no browser keeps a preflight longer`})
	}
	if c.MaxAge > 0 && c.MaxAge%time.Second != 0 {
		report.add(&ConfigError{Field: "max_age", Index: -1, Value: c.MaxAge.String(),
			Reason: ConfigReasonOutOfRange,
			Hint:   "write whole seconds; the field has no fractions"})
	}
	if c.PreflightStatus != 0 && (c.PreflightStatus < 200 || c.PreflightStatus > 299) {
		report.add(&ConfigError{Field: "preflight_status", Index: -1,
			Value: strconv.Itoa(c.PreflightStatus), Reason: ConfigReasonOutOfRange,
			Hint: "write a status from 200 to 299; browsers refuse others"})
	}
}
