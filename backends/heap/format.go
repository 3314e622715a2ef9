package heap

// format names the layout of a snapshot's stream:
//
//	header:  magic, number of key groups of the operator, bytes of a key (0: they
//	         vary), number of states, and for each its name, kind, codec name,
//	         codec version. A state's id is its place in this list, and means
//	         nothing outside this stream.
//	group:   for each state with entries its id + 1, its entries, endOfState;
//	         then endOfGroup. The handle has the group's offset, -1 if it is empty.
//	entry:   entryFollows, the key's hash, key, namespace, value
//	value:   one blob; for list state a count and as many blobs; for map state a
//	         count and as many pairs of user key and blob; for a timer its time
//
// Numbers are unsigned and of variable length, hashes 4 bytes and times 8 bytes
// big-endian; names, keys and blobs stand behind their length. Length and checksum
// of the whole are the storage's concern. Another layout gets another number.
const format = "heap/2"

const magic = "FLHP2"

const (
	endOfGroup   = 0
	endOfState   = 0
	entryFollows = 1
)
