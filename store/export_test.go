package store

// FileColumns are the columns that name files.
func FileColumns() (all []string) {
	for _, c := range fileColumns {
		all = append(all, c.table+"."+c.column)
	}
	return all
}
