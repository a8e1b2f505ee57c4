package core

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// check fills the policy's sets from c, and returns everything that is wrong with c.
func (p *Policy) check(c *Config) error {
	var errs []error
	report := func(e *ConfigError) { errs = append(errs, e) }
	p.checkOrigins(c, report)
	p.checkRegexps(c, report)
	p.checkMethods(c, report)
	p.checkRequestHeaders(c, report)
	checkExposeHeaders(c, report)
	checkNumbers(c, report)
	return errors.Join(errs...)
}

func (p *Policy) checkOrigins(c *Config, report func(*ConfigError)) {
	p.anyOrigin = slices.Contains(c.Origins, "*")
	if len(c.Origins) == 0 && len(c.OriginRegexps) == 0 && c.OriginFunc == nil && !c.Unsafe.NullOrigin {
		report(&ConfigError{Field: "origins", Index: -1, Reason: ConfigEmpty,
			Hint: `list the origins of your front ends, such as "https://app.example.com"`})
	}
	if p.anyOrigin && c.OriginFunc != nil {
		report(&ConfigError{Field: "origins", Index: slices.Index(c.Origins, "*"), Value: "*",
			Reason: ConfigMisplacedWildcard, Hint: "leave OriginFunc nil, which would never be called"})
	}
	if c.Unsafe.NullOrigin && c.Credentials {
		report(&ConfigError{Field: "unsafe.null_origin", Index: -1, Value: "true", Reason: ConfigNullOrigin,
			Hint: "switch credentials off: any page can make a frame whose origin is null"})
	}
	for i, text := range c.Origins {
		p.checkOrigin(c, text, func(e *ConfigError) {
			e.Field, e.Index, e.Value = "origins", i, text
			report(e)
		})
	}
	p.origins.seal()
}

// checkOrigin checks one entry and adds it to the set of origins.
func (p *Policy) checkOrigin(c *Config, text string, report func(*ConfigError)) {
	if text == "*" {
		if c.Credentials {
			report(&ConfigError{Reason: ConfigWildcardCredentials,
				Hint: "list the origins that may use credentials, or switch credentials off"})
		}
		return
	}
	pattern, e := parsePattern(text)
	if e != nil {
		report(e)
		return
	}
	insecure := c.Credentials && pattern.origin.isInsecure() && !c.Unsafe.InsecureOrigins
	if insecure {
		report(&ConfigError{Reason: ConfigInsecureOrigin,
			Hint: fmt.Sprintf("write %q, or set unsafe.insecure_origins", "https"+strings.TrimPrefix(text, "http"))})
	}
	public := c.Credentials && pattern.onPublicSuffix() && !c.Unsafe.PublicSuffixes
	if public {
		report(&ConfigError{Reason: ConfigPublicSuffix,
			Hint: "list your own names below it, or set unsafe.public_suffixes"})
	}
	if p.anyOrigin && !insecure && !public {
		report(&ConfigError{Reason: ConfigWildcardNotAlone, Hint: `remove this entry or "*"`})
	}
	p.origins.add(pattern)
}

// standardMethods are the methods of RFC 9110 and RFC 5789.
var standardMethods = []string{
	"CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE",
}

func (p *Policy) checkMethods(c *Config, report func(*ConfigError)) {
	p.anyMethod = slices.Contains(c.Methods, "*")
	for i, method := range c.Methods {
		if e := checkMethod(method); e != nil {
			e.Field, e.Index = "methods", i
			report(e)
		} else if p.anyMethod && method != "*" && !isSafelistedMethod(method) {
			report(notAlone("methods", i, method))
		}
	}
	p.methods = slices.Sorted(slices.Values(c.Methods))
}

func checkMethod(method string) *ConfigError {
	upper := strings.ToUpper(method)
	switch {
	case method == "*":
		return nil
	case !isToken(method) || len(method) > maxMethod:
		return &ConfigError{Value: method, Reason: ConfigInvalidToken,
			Hint: fmt.Sprintf("write a method such as \"PUT\", of at most %d bytes", maxMethod)}
	case upper == "CONNECT" || upper == "TRACE" || upper == "TRACK":
		return &ConfigError{Value: method, Reason: ConfigForbidden, Hint: "remove it: browsers never send this method"}
	case method != upper && slices.Contains(standardMethods, upper):
		return &ConfigError{Value: method, Reason: ConfigMethodCase, Hint: methodCaseHint(upper)}
	}
	return nil
}

// methodCaseHint says what fetch makes of other spellings of a method.
//
// https://fetch.spec.whatwg.org/#concept-method-normalize
func methodCaseHint(upper string) string {
	if upper == "PATCH" {
		return `write "PATCH", in fetch calls too: fetch does not normalize its case`
	}
	return fmt.Sprintf("write %q: fetch normalizes its case", upper)
}

func (p *Policy) checkRequestHeaders(c *Config, report func(*ConfigError)) {
	p.anyHeader = slices.Contains(c.RequestHeaders, "*")
	for i, name := range c.RequestHeaders {
		lower := strings.ToLower(name)
		switch {
		case name == "*":
		case !isToken(name):
			report(invalidName("request_headers", i, name))
		case isCORSResponseField(lower):
			report(&ConfigError{Field: "request_headers", Index: i, Value: name, Reason: ConfigResponseField,
				Hint: "remove it: the server sends this field, not the browser"})
		case isForbiddenRequestHeader(lower):
			report(&ConfigError{Field: "request_headers", Index: i, Value: name, Reason: ConfigForbidden,
				Hint: "remove it: scripts cannot set this header, and what browsers set by themselves needs no leave"})
		case p.anyHeader && lower != authorization:
			report(notAlone("request_headers", i, name))
		}
	}
	p.headers = slices.Sorted(slices.Values(lowerUnique(c.RequestHeaders)))
}

func checkExposeHeaders(c *Config, report func(*ConfigError)) {
	star := slices.Contains(c.ExposeHeaders, "*")
	for i, name := range c.ExposeHeaders {
		lower := strings.ToLower(name)
		switch {
		case name == "*" && c.Credentials:
			report(&ConfigError{Field: "expose_headers", Index: i, Value: name, Reason: ConfigWildcardCredentials,
				Hint: "list the headers that scripts may read"})
		case name == "*":
		case !isToken(name):
			report(invalidName("expose_headers", i, name))
		case lower == "set-cookie" || lower == "set-cookie2":
			report(&ConfigError{Field: "expose_headers", Index: i, Value: name, Reason: ConfigForbidden,
				Hint: "remove it: browsers never show it to scripts"})
		case star:
			report(notAlone("expose_headers", i, name))
		}
	}
}

func checkNumbers(c *Config, report func(*ConfigError)) {
	if c.MaxAge > maxMaxAge {
		report(&ConfigError{Field: "max_age", Index: -1, Value: c.MaxAge.String(), Reason: ConfigOutOfRange,
			Hint: `write at most "24h"; no browser keeps a preflight longer`})
	}
	if c.MaxAge > 0 && c.MaxAge%time.Second != 0 {
		report(&ConfigError{Field: "max_age", Index: -1, Value: c.MaxAge.String(), Reason: ConfigOutOfRange,
			Hint: "write whole seconds; the field has no fractions"})
	}
	if c.PreflightStatus != 0 && (c.PreflightStatus < 200 || c.PreflightStatus > 299) {
		report(&ConfigError{Field: "preflight_status", Index: -1, Value: strconv.Itoa(c.PreflightStatus),
			Reason: ConfigOutOfRange, Hint: "write a status from 200 to 299; browsers refuse others"})
	}
}

func notAlone(field string, index int, value string) *ConfigError {
	return &ConfigError{Field: field, Index: index, Value: value, Reason: ConfigWildcardNotAlone,
		Hint: `remove this entry, which "*" covers, or "*"`}
}

func invalidName(field string, index int, value string) *ConfigError {
	return &ConfigError{Field: field, Index: index, Value: value, Reason: ConfigInvalidToken,
		Hint: `write one header name an entry, such as "Content-Type"`}
}
