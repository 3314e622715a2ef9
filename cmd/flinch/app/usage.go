package app

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// noArguments refuses what is no flag.
func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("%s takes flags only, not %q: see %s --help", cmd.Name(), strings.Join(args, " "), cmd.CommandPath())
	}
	return nil
}

// flagError puts what is wrong with a flag into words, with the mend.
func flagError(cmd *cobra.Command, err error) error {
	var value *pflag.InvalidValueError
	var unknown *pflag.NotExistError
	var missing *pflag.ValueRequiredError
	switch {
	case errors.As(err, &value):
		return fmt.Errorf("--%s: %q: want %s", value.GetFlag().Name, value.GetValue(), kindOf(value.GetFlag()))
	case errors.As(err, &unknown):
		return fmt.Errorf("%s has no flag %s: see %s --help", cmd.Name(), dashed(unknown.GetSpecifiedName()), cmd.CommandPath())
	case errors.As(err, &missing):
		return fmt.Errorf("--%s: no value: want %s", missing.GetFlag().Name, kindOf(missing.GetFlag()))
	}
	return err
}

// dashed writes a flag as it is typed.
func dashed(name string) string {
	if len(name) == 1 {
		return "-" + name
	}
	return "--" + name
}

// kindOf says what a flag's value has to be.
func kindOf(f *pflag.Flag) string {
	switch f.Value.Type() {
	case "int":
		return "a whole number"
	case "bool":
		return "true or false"
	case "duration":
		return "a span of time such as 10m"
	}
	return "a value: " + f.Usage
}
