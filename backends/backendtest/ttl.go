package backendtest

// ttlClauses are about state to which package ttl gives a time to live.
var ttlClauses = []clause{
	{"StateWithATimeToLiveEqualsTheModel", ttlEqualsTheModel},
}
