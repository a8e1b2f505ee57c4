package gincors_test

import (
	"testing"

	"github.com/gin-gonic/gin"

	"github.com/corselet/corselet/corstest"
	"github.com/corselet/corselet/corstest/adaptertest"
)

func TestNoPathBorrowsAPolicy(t *testing.T) {
	for name, set := range map[string]func(*gin.Engine){
		"by default":            func(*gin.Engine) {},
		"with UseRawPath":       func(e *gin.Engine) { e.UseRawPath = true },
		"with raw values":       func(e *gin.Engine) { e.UseRawPath, e.UnescapePathValues = true, false },
		"with UseEscapedPath":   func(e *gin.Engine) { e.UseEscapedPath = true },
		"with RemoveExtraSlash": func(e *gin.Engine) { e.RemoveExtraSlash = true },
		"with redirects":        func(e *gin.Engine) { e.RedirectFixedPath = true },
	} {
		t.Run(name, func(t *testing.T) {
			engine := func() *gin.Engine {
				e := gin.New()
				set(e)
				return e
			}
			adaptertest.RunPaths(t,
				func(*testing.T) corstest.App { return twoPolicies(engine()) },
				func(*testing.T) corstest.App { return singleSignOn(engine()) })
		})
	}
}
