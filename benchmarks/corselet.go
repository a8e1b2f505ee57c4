package benchmarks

import (
	"context"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/gofiber/fiber/v2"
	fiberv3 "github.com/gofiber/fiber/v3"
	"github.com/labstack/echo/v4"
	echov5 "github.com/labstack/echo/v5"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/echocors"
	"github.com/corselet/corselet/echov5cors"
	"github.com/corselet/corselet/fibercors"
	"github.com/corselet/corselet/fiberv3cors"
	"github.com/corselet/corselet/gincors"
	"github.com/corselet/corselet/httpcors"
)

var (
	netHTTPCorselet = Contender{Name: Corselet, Framework: NetHTTP, Open: netHTTPWith()}
	netHTTPObserved = Contender{Name: Observed, Framework: NetHTTP, Open: netHTTPWith(core.WithObserver(&judge{}))}
	ginCorselet     = Contender{Name: Corselet, Framework: Gin, Open: ginWith()}
	ginObserved     = Contender{Name: Observed, Framework: Gin, Open: ginWith(core.WithObserver(&judge{}))}
	echoCorselet    = Contender{Name: Corselet, Framework: Echo, Open: echoWith()}
	echoObserved    = Contender{Name: Observed, Framework: Echo, Open: echoWith(core.WithObserver(&judge{}))}
	fiberCorselet   = Contender{Name: Corselet, Framework: Fiber, Open: fiberWith()}
	fiberObserved   = Contender{Name: Observed, Framework: Fiber, Open: fiberWith(core.WithObserver(&judge{}))}
	echoV5Corselet  = Contender{Name: Corselet, Framework: EchoV5, Open: echoV5With()}
	echoV5Observed  = Contender{Name: Observed, Framework: EchoV5, Open: echoV5With(core.WithObserver(&judge{}))}
	fiberV3Corselet = Contender{Name: Corselet, Framework: FiberV3, Open: fiberV3With()}
	fiberV3Observed = Contender{Name: Observed, Framework: FiberV3, Open: fiberV3With(core.WithObserver(&judge{}))}
)

// CoreConfig returns the policy as Corselet's configuration.
func CoreConfig(p Policy) core.Config {
	return core.Config{
		Origins:        p.Origins,
		OriginRegexps:  p.Regexps,
		Credentials:    p.Credentials,
		Methods:        p.Methods,
		RequestHeaders: p.Headers,
		ExposeHeaders:  p.Expose,
		MaxAge:         time.Duration(p.MaxAge) * time.Second,
	}
}

func newCore(p Policy, opts []core.Option) (*core.CORS, error) {
	return core.New(CoreConfig(p), opts...)
}

func netHTTPWith(opts ...core.Option) Opener {
	return onNetHTTP(func(p Policy) (func(http.Handler) http.Handler, error) {
		cors, err := newCore(p, opts)
		return httpcors.New(cors), err
	})
}

func ginWith(opts ...core.Option) Opener {
	return onGin(func(p Policy) (gin.HandlerFunc, error) {
		cors, err := newCore(p, opts)
		return gincors.New(cors), err
	})
}

func echoWith(opts ...core.Option) Opener {
	return onEcho(func(p Policy) (echo.MiddlewareFunc, error) {
		cors, err := newCore(p, opts)
		return echocors.New(cors), err
	})
}

func fiberWith(opts ...core.Option) Opener {
	return onFiber(func(p Policy) (fiber.Handler, error) {
		cors, err := newCore(p, opts)
		return fibercors.New(cors), err
	})
}

func echoV5With(opts ...core.Option) Opener {
	return onEchoV5(func(p Policy) (echov5.MiddlewareFunc, error) {
		cors, err := newCore(p, opts)
		return echov5cors.New(cors), err
	})
}

func fiberV3With(opts ...core.Option) Opener {
	return onFiberV3(func(p Policy) (fiberv3.Handler, error) {
		cors, err := newCore(p, opts)
		return fiberv3cors.New(cors), err
	})
}

// judge is an observer that asks for the verdict and counts denials: the least that an observer does.
type judge struct{ denials atomic.Int64 }

func (j *judge) Observe(_ context.Context, e core.Event) {
	if e.Verdict().Outcome == core.OutcomeDenied {
		j.denials.Add(1)
	}
}
