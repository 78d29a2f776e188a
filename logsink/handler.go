package logsink

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
)

// HandlerOptions are the settings of a [Handler].
type HandlerOptions struct {
	// Scope is the scope of loggers that set none with [Scope]. Empty means
	// DefaultScope.
	Scope string
	// Session is the session of loggers that set none with [Session].
	Session string
	// Capture decides what is stored at all. Nil means everything; it can then
	// still be shown or not, by the levels of a view.
	Capture *Levels
}

// Handler is the slog.Handler in front of a [Store]. Attributes are rendered, and
// secrets masked, when a line is logged. It is safe for concurrent use, and so are
// the handlers derived from it.
type Handler struct {
	shared *handlerShared

	// Immutable after the handler is made.
	capture *atomic.Int32 // level from which lines are stored; nil: all
	lifted  lifted
	prefix  string // open groups, each with a dot behind it
	attrs   []byte // rendered attributes
}

type handlerShared struct {
	store  *Store
	levels *Levels
	buffer sync.Pool // of *[]byte
}

// lifted is what is taken out of the attributes.
type lifted struct {
	scope, tags, session string
	event                uint64
}

var _ slog.Handler = (*Handler)(nil)

// NewHandler returns a handler that appends to store.
func NewHandler(store *Store, o HandlerOptions) *Handler {
	h := &Handler{
		shared: &handlerShared{store: store, levels: o.Capture},
		lifted: lifted{scope: o.Scope, session: o.Session},
	}
	if h.lifted.scope == "" {
		h.lifted.scope = DefaultScope
	}
	h.shared.buffer.New = func() any { return new([]byte) }
	h.watch()
	return h
}

// watch finds the place where the level of the handler's scope can be read.
func (h *Handler) watch() {
	if h.shared.levels != nil {
		h.capture = h.shared.levels.cell(h.lifted.scope)
	}
}

// Enabled reports whether lines of this level are stored. It costs one atomic load.
func (h *Handler) Enabled(_ context.Context, l slog.Level) bool {
	return h.capture == nil || FromSlog(l) >= Level(h.capture.Load())
}

// Handle appends a line to the store. It returns no error.
func (h *Handler) Handle(_ context.Context, r slog.Record) error {
	buf := h.shared.buffer.Get().(*[]byte)
	defer h.shared.buffer.Put(buf)
	attrs := append((*buf)[:0], h.attrs...)
	of := h.lifted
	r.Attrs(func(a slog.Attr) bool {
		attrs = h.appendAttr(attrs, h.prefix, a, &of)
		return true
	})
	*buf = attrs
	level := FromSlog(r.Level)
	if h.capture != nil && of.scope != h.lifted.scope && !h.shared.levels.Enabled(of.scope, level) {
		return nil
	}
	l := line{time: noTime, level: level, event: of.event, tags: of.tags, message: r.Message, attrs: view(attrs)}
	if !r.Time.IsZero() {
		l.time = r.Time.UnixNano()
	}
	h.shared.store.append(&l, of.scope, of.session)
	return nil
}

// WithAttrs returns a handler whose lines have these attributes too.
func (h *Handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return h
	}
	out := *h
	out.attrs = slices.Clip(h.attrs)
	for _, a := range attrs {
		out.attrs = out.appendAttr(out.attrs, out.prefix, a, &out.lifted)
	}
	if out.lifted.scope != h.lifted.scope {
		out.watch()
	}
	return &out
}

// WithGroup returns a handler that puts the name, and a dot, before the keys of
// later attributes.
func (h *Handler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	out := *h
	out.prefix += name + "."
	return &out
}

// appendAttr renders an attribute, or notes it in of if it is one that is lifted.
func (h *Handler) appendAttr(dst []byte, prefix string, a slog.Attr, of *lifted) []byte {
	v := a.Value.Resolve()
	if a.Key == "" && v.Kind() == slog.KindAny && v.Any() == nil {
		return dst
	}
	if prefix == "" && of.lift(a.Key, v) {
		return dst
	}
	if v.Kind() != slog.KindGroup {
		return appendValue(appendKey(dst, prefix, a.Key), v)
	}
	if a.Key != "" {
		prefix += a.Key + "."
	}
	for _, member := range v.Group() {
		dst = h.appendAttr(dst, prefix, member, of)
	}
	return dst
}

// lift takes an attribute that is a field of the record, if its value is of the
// right kind.
func (l *lifted) lift(key string, v slog.Value) bool {
	switch key {
	case ScopeKey:
		return liftString(&l.scope, v)
	case SessionKey:
		return liftString(&l.session, v)
	case TagsKey:
		if list, ok := v.Any().([]string); ok {
			l.tags = joinTags(list)
			return true
		}
		return liftString(&l.tags, v)
	case EventKey:
		switch {
		case v.Kind() == slog.KindUint64:
			l.event = v.Uint64()
		case v.Kind() == slog.KindInt64 && v.Int64() >= 0:
			l.event = uint64(v.Int64())
		default:
			return false
		}
		return true
	default:
		return false
	}
}

func liftString(to *string, v slog.Value) bool {
	if v.Kind() != slog.KindString {
		return false
	}
	*to = v.String()
	return true
}
