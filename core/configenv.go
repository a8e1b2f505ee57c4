package core

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// ErrNotConfigured is what [ConfigFromEnv] returns, wrapped, where no variable allows any origin.
// A program whose CORS is off unless configured tells it apart with [errors.Is].
var ErrNotConfigured = errors.New("cors: no origin is configured")

// ConfigFromEnv reads a Config from environment variables, with prefix "CORS":
//
//	CORS_ORIGINS=https://app.example.com,https://*.example.com
//	CORS_ORIGIN_REGEXPS=https://pr-[0-9]+\.example\.dev
//	CORS_CREDENTIALS=true
//	CORS_METHODS=PUT,DELETE
//	CORS_REQUEST_HEADERS=Content-Type
//	CORS_EXPOSE_HEADERS=X-Request-Id
//	CORS_MAX_AGE=10m
//	CORS_BLOCK=false
//	CORS_UNSAFE_ACCEPT=
//
// Lists are separated by commas or white space; regexps and what is accepted as unsafe are one a
// line, the latter also apart by white space. An empty or missing variable is the field's zero
// value. lookup is usually [os.LookupEnv].
//
// Where neither origins nor regexps are given the error is [ErrNotConfigured], whatever the other
// variables say. Other errors are [ConfigError] whose Field is the name of the variable. Whether
// the values make sense is for [Compile] to say.
func ConfigFromEnv(prefix string, lookup func(string) (string, bool)) (Config, error) {
	e := environment{prefix: prefix, lookup: lookup}
	c := Config{
		Origins:        e.list("ORIGINS"),
		OriginRegexps:  e.lines("ORIGIN_REGEXPS"),
		Credentials:    e.boolean("CREDENTIALS"),
		Methods:        e.list("METHODS"),
		RequestHeaders: e.list("REQUEST_HEADERS"),
		ExposeHeaders:  e.list("EXPOSE_HEADERS"),
		MaxAge:         e.duration("MAX_AGE"),
		Block:          e.boolean("BLOCK"),
		Unsafe:         Unsafe{Accept: e.accept("UNSAFE_ACCEPT")},
	}
	if len(c.Origins) == 0 && len(c.OriginRegexps) == 0 {
		return Config{}, fmt.Errorf("%w; set %s_ORIGINS", ErrNotConfigured, prefix)
	}
	return c, e.mistakes.join()
}

// An environment reads variables, and collects what is wrong with them.
type environment struct {
	prefix   string
	lookup   func(string) (string, bool)
	mistakes mistakes
}

// value returns the value of a variable, and its full name.
func (e *environment) value(name string) (value, variable string) {
	variable = e.prefix + "_" + name
	value, _ = e.lookup(variable)
	return strings.TrimSpace(value), variable
}

func (e *environment) list(name string) []string {
	value, _ := e.value(name)
	return strings.FieldsFunc(value, func(r rune) bool {
		return r == ',' || r == ' ' || r == '\t' || r == '\r' || r == '\n'
	})
}

func (e *environment) lines(name string) (list []string) {
	value, _ := e.value(name)
	for line := range strings.Lines(value) {
		if line = strings.TrimSpace(line); line != "" {
			list = append(list, line)
		}
	}
	return list
}

// accept returns entries that are lines or apart by white space. A regexp may hold a space, though
// none that matches does.
func (e *environment) accept(name string) []string {
	value, _ := e.value(name)
	return strings.Fields(value)
}

func (e *environment) boolean(name string) bool {
	value, variable := e.value(name)
	on, err := strconv.ParseBool(value)
	if value != "" && err != nil {
		e.mistakes.add(malformed(variable, -1, []byte(value), "write true or false"))
	}
	return on
}

func (e *environment) duration(name string) time.Duration {
	value, variable := e.value(name)
	switch value {
	case "", "0":
		return 0
	case "-1":
		return -time.Second
	}
	d, err := time.ParseDuration(value)
	if err != nil {
		e.mistakes.add(malformed(variable, -1, []byte(value),
			`write a duration such as "10m", or -1 to forbid caching`))
	}
	return d
}
