package corstest

import "net/http"

// mistake is a mistake in how an application is put together.
type mistake string

const (
	refusedInFront  mistake = "something refuses requests in front of CORS"
	belowRouter     mistake = "CORS is below the router"
	optionsInFront  mistake = "something answers OPTIONS in front of CORS"
	preflightGoesOn mistake = "preflights reach the application"
	redirectFirst   mistake = "a redirect is made in front of CORS"
	errorInFront    mistake = "an error page is made in front of CORS"
	twoLayers       mistake = "two layers answer CORS"
	fieldsDropped   mistake = "a layer drops CORS fields"
	varyDropped     mistake = "a layer drops Vary"
	otherPolicy     mistake = "another policy applies, or none"
	otherOrigins    mistake = "a layer allows other origins"
	unanswered      mistake = "there is no answer"

	replayed          mistake = "a layer replays another origin's fields"
	replayedBare      mistake = "a layer replays answers without CORS fields"
	preflightReplayed mistake = "a cache answers preflights with another origin's fields"
	conditionalLoses  mistake = "conditional requests lose CORS fields"
	rangeLoses        mistake = "range requests lose CORS fields"
	redirectAway      mistake = "a redirect leads to another origin"
)

var remedies = map[mistake]string{
	refusedInFront: "put CORS outside of authentication, CSRF protection and rate limits: " +
		"preflights carry no credentials, and scripts can read a refusal only if it has " +
		"CORS fields; if another layer of CORS refuses, keep one of the two",
	belowRouter: "wrap the whole router instead of single routes or groups, which preflights " +
		"never reach; its own 404 and 405 then have the fields too",
	optionsInFront: "put CORS outside of the layer that answers OPTIONS, or remove that layer: " +
		"CORS passes on every OPTIONS that is not a preflight",
	preflightGoesOn: "the layer that sets CORS fields must answer preflights itself, " +
		"as httpcors and the other adapters do",
	redirectFirst: "put CORS outside of the layer that redirects (in gin, set " +
		"RedirectTrailingSlash = false or wrap the engine with httpcors), or have pages ask the " +
		"redirect's target and set Route.OneSlash; browsers follow no redirect of a preflight",
	errorInFront: "put CORS outside of the layer that makes the error page, such as recovery or " +
		"time-out middleware; if that layer is behind CORS already and clears what was set " +
		"before, " + lateFields,
	twoLayers: "keep one of them: look for CORS in handlers, in other middleware, in the " +
		"proxy in front and in the upstream behind a ReverseProxy, whose fields " +
		"ModifyResponse can delete",
	fieldsDropped: "look for a layer or a handler that deletes or replaces response fields, " +
		"and keep those that start with Access-Control-, or, where it is behind CORS, " +
		lateFields + "; or CORS was installed after the route, and does not cover it",
	varyDropped: "look for Header().Set(\"Vary\", …) and write Header().Add; where a layer " +
		"behind CORS that is not yours replaces Vary, such as http.TimeoutHandler or echo's " +
		"Timeout, " + lateFields + "; without Vary caches give one origin's response to another",
	otherPolicy: "check whether CORS is installed, which configuration the application uses, " +
		"and whether another layer, or the proxy in front, answers first",
	otherOrigins: "look for a handler or a layer that sets Access-Control-Allow-Origin itself",
	unanswered:   "fix the handler",

	replayed: "look for a response cache or an idempotency layer that keeps all fields of an " +
		"answer: in front of CORS, move it behind; behind CORS, let it keep only what the " +
		"handler sets, or make Origin a part of its key, or " + lateFields + "; in fiber " +
		"KeepResponseHeaders (idempotency), StoreResponseHeaders and DisableVaryHeaders (cache) " +
		"say what is kept",
	replayedBare: "look for a response cache or an idempotency layer in front of CORS, and move " +
		"it behind, so that CORS sets the fields of replayed answers too",
	preflightReplayed: "keep answers to OPTIONS out of the cache, or move the cache behind CORS, " +
		"which answers preflights itself",
	conditionalLoses: "look for a layer that makes a 304 without the fields set before, and keep " +
		"those that start with Access-Control-, and Vary; in front of CORS, move it behind; " +
		"behind CORS, " + lateFields,
	rangeLoses: "look for a layer that makes a 206 or 416 without the fields set before, and " +
		"keep those that start with Access-Control-, and Vary; in front of CORS, move it " +
		"behind; behind CORS, " + lateFields,
	redirectAway: "answer 401 instead of a redirect to a login page, and let the page go there; " +
		"redirect to a path of the application without scheme and host; or let the page ask the " +
		"redirect's target: after a redirect to another origin browsers send Origin: null, and " +
		"the page can read the answer only if it has Access-Control-Allow-Origin: *; if the " +
		"target is on a server that this test does not reach and that sends it, do not list " +
		"the route",
}

// lateFields is part of a remedy. In fiber the adapters do this without an option.
const lateFields = "use the option WithLateFields() of httpcors, gincors or an echo adapter, " +
	"which sets the fields again just before the header goes out"

// whoAnswered guesses from the status of an answer without CORS fields which layer made it.
func whoAnswered(status int, otherwise mistake) mistake {
	switch {
	case isRefusal(status):
		return refusedInFront
	case status == http.StatusNotFound || status == http.StatusMethodNotAllowed:
		return belowRouter
	case isRedirect(status):
		return redirectFirst
	case status >= 500:
		return errorInFront
	}
	return otherwise
}

func isRefusal(status int) bool {
	return status == http.StatusUnauthorized || status == http.StatusForbidden ||
		status == http.StatusTooManyRequests
}

func isRedirect(status int) bool {
	return status >= 300 && status <= 399 && status != http.StatusNotModified
}
