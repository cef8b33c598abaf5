// Applies the migrations of a folder as a Go program does that uses golang-migrate as a library: with a database
// handle of its own, for which the lock has another id than for a URL.
package main

import (
	"database/sql"
	"log"
	"os"

	"github.com/golang-migrate/migrate/v4"
	"github.com/golang-migrate/migrate/v4/database/postgres"
	_ "github.com/golang-migrate/migrate/v4/source/file"
)

func main() {
	if len(os.Args) != 3 {
		log.Fatal("usage: library FOLDER URL")
	}
	db, err := sql.Open("postgres", os.Args[2])
	check(err)
	driver, err := postgres.WithInstance(db, &postgres.Config{})
	check(err)
	m, err := migrate.NewWithDatabaseInstance("file://"+os.Args[1], "postgres", driver)
	check(err)
	if err := m.Up(); err != migrate.ErrNoChange {
		check(err)
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
