package bot

// Parked is a letter that could not be delivered and is tried no more.
type Parked struct {
	Outgoing
	Reason string // what the platform said, for operators
}
