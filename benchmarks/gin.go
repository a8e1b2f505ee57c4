package benchmarks

import (
	"bufio"
	"net"
	"net/http"

	"github.com/gin-gonic/gin"
)

func init() { gin.SetMode(gin.ReleaseMode) }

// onGin makes applications of a gin engine with a library's middleware in Engine.Use.
func onGin(build func(Policy) (gin.HandlerFunc, error)) Opener {
	return func(p Policy, mode Mode) (App, error) {
		middleware := gin.HandlerFunc(func(*gin.Context) {})
		if build != nil {
			var err error
			if middleware, err = build(p); err != nil {
				return nil, err
			}
		}
		if mode == Alone {
			return ginAlone(middleware), nil
		}
		engine := gin.New()
		if build != nil {
			engine.Use(middleware)
		}
		engine.GET("/api/items/:id", func(c *gin.Context) {
			c.Writer.Header()["Content-Type"] = jsonType
			_, _ = c.Writer.Write(body)
		})
		engine.GET("/api/users/:id", func(c *gin.Context) { c.Status(http.StatusNotFound) })
		return httpApp{engine, mode}, nil
	}
}

// ginAlone calls the middleware without an engine.
type ginAlone gin.HandlerFunc

func (a ginAlone) Client(requests []Request) Client {
	c, _ := gin.CreateTestContext(nil)
	client := &ginClient{middleware: gin.HandlerFunc(a), context: c, requests: httpRequests(requests)}
	c.Writer = &client.w
	return client
}

type ginClient struct {
	middleware gin.HandlerFunc
	context    *gin.Context
	requests   []*http.Request
	next       int
	w          ginRecorder
}

func (c *ginClient) Do() {
	c.w.reset(false)
	c.context.Request = c.requests[c.next]
	c.middleware(c.context)
	if c.next++; c.next == len(c.requests) {
		c.next = 0
	}
}

func (c *ginClient) Answer() Answer { return c.w.answer() }

// ginRecorder is a recorder as gin wants it.
type ginRecorder struct{ recorder }

func (w *ginRecorder) WriteHeaderNow()                   { w.WriteHeader(http.StatusOK) }
func (w *ginRecorder) Status() int                       { return w.status }
func (w *ginRecorder) Size() int                         { return w.written }
func (w *ginRecorder) Written() bool                     { return w.status != 0 }
func (w *ginRecorder) WriteString(s string) (int, error) { return w.Write([]byte(s)) }
func (w *ginRecorder) Pusher() http.Pusher               { return nil }
func (w *ginRecorder) Flush()                            {}
func (w *ginRecorder) CloseNotify() <-chan bool          { return nil }
func (w *ginRecorder) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return nil, nil, http.ErrNotSupported
}
