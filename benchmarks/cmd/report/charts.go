package main

import (
	"math"
	"strconv"
	"strings"

	"github.com/corselet/corselet/benchmarks"
)

// charts returns the charts by file name.
func (r *Report) charts() map[string][]byte {
	charts := map[string][]byte{"growth.svg": r.growthChart(), "hostile.svg": r.hostileChart()}
	for _, framework := range benchmarks.Frameworks {
		charts[chartFile(framework)] = r.frameworkChart(framework)
	}
	return charts
}

func chartFile(framework string) string {
	return strings.NewReplacer("/", "", " ", "").Replace(framework) + ".svg"
}

// frameworkChart shows the essential scenarios and all contenders of a framework.
func (r *Report) frameworkChart(framework string) []byte {
	c := bars{title: framework + ": time added to a request, less is better"}
	c.series, c.colour = r.series(sectionRouter, framework)
	for _, scenario := range essential {
		ours := r.find(sectionRouter, mainPolicy.Name, scenario, framework, benchmarks.Corselet)
		group := barGroup{name: scenario}
		for _, contender := range c.series {
			got := r.find(sectionRouter, mainPolicy.Name, scenario, framework, contender)
			group.add(got, ours)
		}
		c.groups = append(c.groups, group)
	}
	return c.draw()
}

// add appends a bar whose label says how it compares with ours.
func (g *barGroup) add(got, ours *Result) {
	value, label := math.NaN(), ""
	if got != nil && len(got.Wrong) == 0 {
		value, label = got.Added, duration(got.Added)
		if ratio := added(got, ours); got != ours && !math.IsNaN(ratio) {
			label += " (" + times(ratio) + ")"
		}
	}
	g.values, g.labels = append(g.values, value), append(g.labels, label)
}

// series returns the contenders of a chart and their colours.
func (r *Report) series(section, framework string) (names, colours []string) {
	contenders, _ := r.axes(section, mainPolicy.Name, framework)
	for _, name := range contenders {
		if name != benchmarks.Observed && name != benchmarks.Shared {
			names, colours = append(names, name), append(colours, palette[len(colours)])
		}
	}
	for i, name := range names {
		if name == benchmarks.Limit {
			colours[i] = palette[4]
		}
	}
	return names, colours
}

// hostileChart shows the worst that each contender makes of hostile input.
func (r *Report) hostileChart() []byte {
	c := bars{
		title:  "What one hostile preflight costs (worst case; logarithmic scale)",
		series: []string{"an ordinary preflight, refused", "the most expensive hostile preflight"},
		colour: []string{palette[4], palette[1]}, log: true,
	}
	for _, contender := range benchmarks.Contenders {
		ordinary := r.find(sectionHostile, mainPolicy.Name, benchmarks.DeniedPreflight, contender.Framework, contender.Name)
		if ordinary == nil || len(ordinary.Wrong) > 0 || isLimit(contender.Name) || contender.Name == benchmarks.Observed {
			continue
		}
		worst := ordinary
		for _, s := range benchmarks.Scenarios {
			got := r.find(sectionHostile, mainPolicy.Name, s.Name, contender.Framework, contender.Name)
			if s.Hostile && got != nil && got.Ns > worst.Ns {
				worst = got
			}
		}
		label := duration(worst.Ns) + " (" + times(worst.Ns/ordinary.Ns) + ")"
		c.groups = append(c.groups, barGroup{
			name: contender.Name + " (" + contender.Framework + ")", values: []float64{ordinary.Ns, worst.Ns},
			labels: []string{duration(ordinary.Ns), label},
		})
	}
	return c.draw()
}

// growthChart shows the cost of an allowed GET over the number of exact origins.
func (r *Report) growthChart() []byte {
	c := lines{
		title: "Time added to an allowed GET, by number of exact origins", xName: "exact origins in the policy",
		yLabel: duration,
	}
	dashes := map[string]string{
		benchmarks.Gin: "6 3", benchmarks.Echo: "2 3", benchmarks.Fiber: "8 3 2 3",
		benchmarks.EchoV5: "2 6", benchmarks.FiberV3: "8 3 2 3 2 3",
	}
	peers := 0
	for _, contender := range benchmarks.Contenders {
		if isLimit(contender.Name) || contender.Name == benchmarks.Observed {
			continue
		}
		curve := curve{name: contender.Name, dash: dashes[contender.Framework], colour: palette[0]}
		if contender.Name == benchmarks.Corselet {
			curve.name += " (" + contender.Framework + ")"
		} else {
			peers++
			curve.colour = palette[peers]
		}
		for _, got := range r.Results {
			size, exact := strings.CutPrefix(got.Policy, "exact-")
			if got.Section != sectionGrowth || !exact || got.Framework != contender.Framework ||
				got.Contender != contender.Name || got.Added <= 0 {
				continue
			}
			if n, err := strconv.ParseFloat(size, 64); err == nil {
				curve.points = append(curve.points, [2]float64{n, got.Added})
			}
		}
		if len(curve.points) > 0 {
			c.curves = append(c.curves, curve)
		}
	}
	return c.draw()
}
