package main

import (
	"go/ast"
	"go/token"
	"go/types"
	"regexp"
	"slices"
	"strings"
)

// anyOrder is the comment that allows a loop, on its line or the one above. The
// reason follows it.
const anyOrder = "//tidy:anyorder "

const mendOrder = "range over slices.Sorted(maps.Keys(m)), or say why no one sees the order: " + anyOrder + "reason"

// checkLoops finds loops over maps, unless all they do comes to the same in any
// order: fill a map or a slice that is sorted later on, count, delete, or look
// for something and return a constant.
func (c *checker) checkLoops(f file, info *types.Info) {
	allowed := make(map[int]bool)
	for _, group := range f.Comments {
		for _, comment := range group.List {
			if strings.HasPrefix(comment.Text, anyOrder) {
				line := f.line(comment)
				allowed[line], allowed[line+1] = true, true
			}
		}
	}
	for _, d := range f.Decls {
		function, ok := d.(*ast.FuncDecl)
		if !ok || function.Body == nil {
			continue
		}
		look := loopView{info: info, sorted: sortedIn(function.Body)}
		ast.Inspect(function.Body, func(n ast.Node) bool {
			loop, ok := n.(*ast.RangeStmt)
			if ok && look.overMap(loop.X) && !allowed[f.line(loop)] && !look.of(loop).harmless(loop.Body.List) {
				c.report(finding{f.path, f.line(loop), ruleMapOrder, "loops over a map in an order that differs each time", mendOrder})
			}
			return true
		})
	}
}

// loopView is what is known of the function around a loop.
type loopView struct {
	info   *types.Info
	sorted map[string]bool // expressions that it hands to a sort
	entry  string          // the variable that holds the entry's value
}

func (l loopView) of(loop *ast.RangeStmt) loopView {
	if value, ok := loop.Value.(*ast.Ident); ok {
		l.entry = value.Name
	}
	return l
}

func (l loopView) isMap(x ast.Expr) bool {
	t := l.info.TypeOf(x)
	if t == nil {
		return false
	}
	_, ok := t.Underlying().(*types.Map)
	return ok
}

// isInteger tells whether sums of x commute: those of strings and floats do not.
func (l loopView) isInteger(x ast.Expr) bool {
	t := l.info.TypeOf(x)
	if t == nil {
		return false
	}
	basic, ok := t.Underlying().(*types.Basic)
	return ok && basic.Info()&types.IsInteger != 0
}

// overMap tells whether x is a map, or the keys or values of one as maps.Keys and
// its kin yield them.
func (l loopView) overMap(x ast.Expr) bool {
	if l.isMap(x) {
		return true
	}
	call, ok := x.(*ast.CallExpr)
	return ok && slices.Contains([]string{"maps.Keys", "maps.Values", "maps.All"}, types.ExprString(call.Fun))
}

// orderBlind are the functions that make nothing of the order of their argument.
var orderBlind = regexp.MustCompile(`^(slices\.(Sort|Min|Max|Contains)|sort\.)`)

// sortedIn returns the expressions that a function hands to a sort or the like.
func sortedIn(body *ast.BlockStmt) map[string]bool {
	sorted := make(map[string]bool)
	ast.Inspect(body, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok && len(call.Args) > 0 {
			name := types.ExprString(call.Fun)
			if orderBlind.MatchString(name) {
				sorted[types.ExprString(call.Args[0])] = true
			}
		}
		return true
	})
	return sorted
}

// harmless tells whether statements come to the same in any order.
func (l loopView) harmless(body []ast.Stmt) bool {
	return !slices.ContainsFunc(body, func(s ast.Stmt) bool { return !l.harmlessOne(s) })
}

func (l loopView) harmlessOne(s ast.Stmt) bool {
	switch s := s.(type) {
	case *ast.IncDecStmt:
		return true
	case *ast.BranchStmt:
		return s.Tok == token.CONTINUE
	case *ast.ReturnStmt:
		return !slices.ContainsFunc(s.Results, func(e ast.Expr) bool { return !constant(e) })
	case *ast.BlockStmt:
		return l.harmless(s.List)
	case *ast.RangeStmt:
		return l.harmless(s.Body.List)
	case *ast.IfStmt:
		return (s.Init == nil || l.harmlessOne(s.Init)) && l.harmless(s.Body.List) &&
			(s.Else == nil || l.harmlessOne(s.Else))
	case *ast.ExprStmt:
		call, ok := s.X.(*ast.CallExpr)
		return ok && types.ExprString(call.Fun) == "delete"
	case *ast.AssignStmt:
		return l.harmlessAssign(s)
	}
	return false
}

func (l loopView) harmlessAssign(s *ast.AssignStmt) bool {
	switch s.Tok {
	case token.DEFINE, token.OR_ASSIGN, token.AND_ASSIGN, token.XOR_ASSIGN:
		return true
	case token.ADD_ASSIGN:
		return l.isInteger(s.Lhs[0])
	}
	for i, left := range s.Lhs {
		if element, ok := left.(*ast.IndexExpr); ok && l.isMap(element.X) {
			continue
		}
		if field, ok := left.(*ast.SelectorExpr); ok && l.entry != "" && types.ExprString(field.X) == l.entry {
			continue // each entry has its own
		}
		if len(s.Lhs) != len(s.Rhs) || !l.commutes(left, s.Rhs[i]) {
			return false
		}
	}
	return true
}

// commutes tells whether left = right may be done in any order: a constant, the
// greatest or least so far, or one more of what is sorted later.
func (l loopView) commutes(left, right ast.Expr) bool {
	if constant(right) {
		return true
	}
	call, ok := right.(*ast.CallExpr)
	if !ok || len(call.Args) == 0 {
		return false
	}
	name := types.ExprString(left)
	first := types.ExprString(call.Args[0]) == name
	switch types.ExprString(call.Fun) {
	case "append":
		return first && l.sorted[name]
	case "min", "max":
		return first
	}
	return false
}

func constant(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.BasicLit:
		return true
	case *ast.Ident:
		return e.Name == "true" || e.Name == "false" || e.Name == "nil"
	}
	return false
}
