module golang-migrate-library

go 1.25.11

require github.com/golang-migrate/migrate/v4 v4.20.0

require github.com/lib/pq v1.10.9 // indirect
