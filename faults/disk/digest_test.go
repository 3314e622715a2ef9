package disk

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// rebuild makes a disk with the same files in another way: byte by byte, other
// inode numbers, other order, detours.
func rebuild(d *Disk) *Disk {
	n := New(nil, Options{})
	put(n, "/detour", strings.Repeat("?", 5000))
	first := map[uint64]string{}
	var walk func(dir string, ino uint64)
	walk = func(dir string, ino uint64) {
		names := d.s.node(ino).side[current].names.m.Keys()
		for k := range names { // backwards
			name := names[len(names)-1-k]
			child, _ := d.s.node(ino).side[current].names.m.Get(name)
			at := dir + name
			if d.s.node(child).dir {
				check(n.Mkdir(at, 0))
				walk(at+"/", child)
				continue
			}
			if other, ok := first[child]; ok {
				check(n.Link(other, at))
				continue
			}
			first[child] = at
			put(n, at, strings.Repeat("#", 9100))
			f := must(n.OpenFile(at, 2, 0))
			for b := must(d.ReadRaw(at)); ; {
				must(f.Write(b[:min(len(b), 700)]))
				if b = b[min(len(b), 700):]; len(b) == 0 {
					break
				}
			}
			check(f.Truncate(d.s.node(child).size()))
			check(f.Close())
		}
	}
	walk("/", rootIno)
	check(n.Remove("/detour"))
	return n
}

func TestDigestKnowsContentAndNothingOfHistory(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := played(t, 40)
		n := rebuild(d)
		d.WriteBack(time.Hour)
		n.WriteBack(time.Hour)
		if a, b := tree(d), tree(n); a != b {
			t.Fatalf("rebuilt %s\nas %s", a, b)
		}
		if d.Image().Digest() != n.Image().Digest() {
			t.Fatalf("equal disks, other digests: %s", tree(d))
		}
	})
}

func TestDigestIsKeptAsIfMadeAnew(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, once := &player{}, &player{}
		p.d, once.d = New(nil, Options{}), New(nil, Options{})
		p.begin()
		once.begin()
		for _, m := range moves(t, 40) {
			p.play(m)
			once.play(m)
			p.d.Image() // must change nothing
		}
		if p.d.Image().Digest() != once.d.Image().Digest() {
			t.Fatal("images taken on the way changed the digest")
		}
		seed := lcg(rapid.Uint64().Draw(t, "seed"))
		again := seed
		c := p.d.Image().Crash(PosixWeak, &seed)
		check(once.d.PowerLoss(PosixWeak, &again))
		if c.Image().Digest() != once.d.Image().Digest() {
			t.Fatal("a crash of the image and one in place differ")
		}
		n := rebuild(c)
		n.WriteBack(time.Hour)
		if c.Image().Digest() != n.Image().Digest() {
			t.Fatalf("a crashed disk and its copy differ: %s", tree(c))
		}
	})
}

func TestDigestTellsApart(t *testing.T) {
	digests := map[uint64]string{}
	for what, do := range map[string]func(d *Disk){
		"empty":            func(*Disk) {},
		"a name":           func(d *Disk) { put(d, "/a", "") },
		"another name":     func(d *Disk) { put(d, "/b", "") },
		"a byte":           func(d *Disk) { put(d, "/a", "x") },
		"a zero":           func(d *Disk) { put(d, "/a", "\x00") },
		"two zeros":        func(d *Disk) { put(d, "/a", "\x00\x00") },
		"synced":           func(d *Disk) { putSynced(d, "/a", "x") },
		"name synced":      func(d *Disk) { put(d, "/a", "x"); check(d.SyncDir("/")) },
		"durable":          func(d *Disk) { put(d, "/a", "x"); d.WriteBack(time.Hour) },
		"a directory":      func(d *Disk) { check(d.Mkdir("/a", 0)) },
		"order":            func(d *Disk) { put(d, "/a", ""); put(d, "/b", "") },
		"other order":      func(d *Disk) { put(d, "/b", ""); put(d, "/a", "") },
		"two files":        func(d *Disk) { put(d, "/a", "x"); put(d, "/b", "x"); d.WriteBack(time.Hour) },
		"two names":        func(d *Disk) { put(d, "/a", "x"); check(d.Link("/a", "/b")); d.WriteBack(time.Hour) },
		"swapped":          func(d *Disk) { put(d, "/a", "y"); put(d, "/b", "x"); d.WriteBack(time.Hour) },
		"not swapped":      func(d *Disk) { put(d, "/a", "x"); put(d, "/b", "y"); d.WriteBack(time.Hour) },
		"emptied first":    func(d *Disk) { durableX(d); f := must(d.Create("/a")); must(f.WriteString("y")) },
		"in place":         func(d *Disk) { durableX(d); f := must(d.OpenFile("/a", 1, 0)); must(f.WriteString("y")) },
		"page after page":  func(d *Disk) { pages(d, "x", "y") },
		"pages swapped":    func(d *Disk) { pages(d, "y", "x") },
		"moved, one half":  func(d *Disk) { moved(d); check(d.SyncDir("/")) },
		"moved, the other": func(d *Disk) { moved(d); check(d.SyncDir("/d")) },
		"moved":            func(d *Disk) { moved(d) },
	} {
		d := New(nil, Options{})
		do(d)
		h := d.Image().Digest()
		if other, ok := digests[h]; ok {
			t.Errorf("%q and %q have one digest", what, other)
		}
		digests[h] = what
	}
}

func TestHolesAndWrittenZerosAreTheSameBytes(t *testing.T) {
	hole, zeros := New(nil, Options{}), New(nil, Options{})
	f := must(hole.Create("/a"))
	must(f.WriteAt([]byte("x"), 10000))
	check(f.Truncate(10500))
	put(zeros, "/a", strings.Repeat("\x00", 10000)+"x"+strings.Repeat("\x00", 499))
	hole.WriteBack(time.Hour)
	zeros.WriteBack(time.Hour)
	if hole.Image().Digest() != zeros.Image().Digest() {
		t.Fatal("equal bytes, other digests")
	}
}

func pages(d *Disk, words ...string) {
	text := ""
	for _, w := range words {
		text += strings.Repeat(w, pageBytes)
	}
	put(d, "/a", text)
	d.WriteBack(time.Hour)
}

func durableX(d *Disk) {
	put(d, "/a", "x")
	d.WriteBack(time.Hour)
}

func moved(d *Disk) {
	check(d.Mkdir("/d", 0))
	put(d, "/a", "x")
	d.WriteBack(time.Hour)
	check(d.Rename("/a", "/d/a"))
}

func TestDigestIsTheSameInEveryProcess(t *testing.T) {
	d := New(nil, Options{})
	check(d.Mkdir("/d", 0))
	put(d, "/d/a", "hello")
	const want = 0x9ab7ecfacdc96e7e
	if got := d.Image().Digest(); got != want {
		t.Fatalf("%#x, want %#x: did the definition change?", got, uint64(want))
	}
}
