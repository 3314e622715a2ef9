package disk

import "fmt"

// Profile says which of the pending operations a power loss may leave undone.
type Profile uint8

// The profiles, weakest promise first.
const (
	// PosixWeak: any subset that is closed under dependencies. Unsynced bytes of
	// a file may be missing from any 512 B or 4 KiB boundary on, or one such
	// block of them, with old bytes, zeros or garbage in their place.
	PosixWeak Profile = iota
	// Ext4Ordered: changes of names survive as a prefix (one journal); appended
	// bytes precede the size that covers them; what was written to a file before
	// its rename survives if the rename does.
	Ext4Ordered
	// Prefix: everything up to some moment, the operation at that moment perhaps
	// in part.
	Prefix
	// Strict: everything. The machine stayed up and only processes died.
	Strict
)

var profileNames = [...]string{"posix-weak", "ext4-ordered", "prefix", "strict"}

// String returns the profile's name as reports have it.
func (p Profile) String() string {
	if int(p) < len(profileNames) {
		return profileNames[p]
	}
	return fmt.Sprintf("profile-%d", uint8(p))
}

// MarshalText returns the name.
func (p Profile) MarshalText() ([]byte, error) {
	if int(p) >= len(profileNames) {
		return nil, fmt.Errorf("no such disk profile: %d", uint8(p))
	}
	return []byte(profileNames[p]), nil
}

// UnmarshalText takes a name.
func (p *Profile) UnmarshalText(text []byte) error {
	for i, name := range profileNames {
		if name == string(text) {
			*p = Profile(i)
			return nil
		}
	}
	return fmt.Errorf("no such disk profile: %q (there are %q)", text, profileNames)
}
