import PaymentModel
import PostgresClient
import TransactionalMessaging

/// What rows of files tell of a client who is forgotten (GEN-7).
struct ImportedTraces {
    /// How files may name a client.
    private struct Names {
        let reference: String
        let lastName: String
        let firstName: String
        let phone: String?
        let email: String?

        /// As the end of a row's person, after the reference.
        var name: String {
            StagedRow.separator + [lastName, firstName].joined(separator: StagedRow.separator).lowercased()
        }

        /// As its beginning; nothing begins so when the client has none.
        var begin: String? { reference.isEmpty ? nil : reference.lowercased() + StagedRow.separator }

        /// As the person of a row that says a reference and no name.
        var nameless: String? { begin.map { $0 + StagedRow.separator } }
    }

    /// Rows that name the client hold nothing any more; one that waits is refused with its document.
    ///
    /// The rest of that would be another bill. Rows that only share a word or a phone with the client are not its own.
    func erase(_ clients: [ClientID], in change: inout Change) throws {
        let all = try change.query(
            """
            SELECT coalesce(reference, '') AS reference, last_name, first_name, phone, email FROM client
            WHERE id = ANY(\(clients))
            """
        ) { row in
            Names(
                reference: try row("reference"), lastName: try row("last_name"), firstName: try row("first_name"),
                phone: try row("phone"), email: try row("email"))
        }
        for names in all {
            blank("(\(decided(names)) OR \(waiting(names, change.cause.organisation)))", in: &change)
        }
    }

    private func blank(_ condition: SQL, in change: inout Change) {
        let reason: Sentence = "It names a client who was forgotten."
        let remedy: Sentence = "Leave it out."
        change.executeLater(
            """
            UPDATE import_row SET outcome = coalesce(outcome, 'refused'), \(ImportRowStore.nothing), field = '',
                reason = \(reason), remedy = \(remedy)
            WHERE organisation = \(change.cause.organisation) AND \(condition)
            """)
    }

    /// Those that had their turn, or were refused before it: whatever they tell of the client goes.
    private func decided(_ names: Names) -> SQL {
        """
        outcome IS NOT NULL AND (phone = \(names.phone)::text OR starts_with(person, \(names.begin)::text)
            OR \(hasName(names)) OR outcome = 'refused' AND \(holds(names)))
        """
    }

    /// Cells of a bad row may be in wrong columns, or hold what could not be read; a reference alone is a word of many.
    private func holds(_ names: Names) -> SQL {
        """
        (\(Self.plainCells) @> ARRAY[lower(\(names.email)::text)]
            OR \(names.firstName)::text <> ''
                AND \(Self.plainCells) @> ARRAY[lower(\(names.lastName)::text), lower(\(names.firstName)::text)]
            OR strpos(translate(array_to_string(cells, chr(31)), ' .-()/' || chr(160) || chr(8239), ''),
                right(\(names.phone)::text, \(Self.phoneDigits))) > 0)
        """
    }

    private static let plainCells: SQL = "(SELECT array_agg(lower(btrim(cell))) FROM unnest(cells) AS cell)"

    /// How many digits at the end of a number are the same, however it is dialled.
    private static let phoneDigits: Int32 = 9

    private func waiting(_ names: Names, _ organisation: OrganisationID) -> SQL {
        """
        outcome IS NULL AND (import_file, document) IN (
            SELECT import_file, document FROM import_row
            WHERE organisation = \(organisation) AND outcome IS NULL
                AND (person IS NULL AND phone = \(names.phone)::text OR person = \(names.nameless)::text
                    OR \(hasName(names)) AND (phone = \(names.phone)::text
                        OR starts_with(person, \(names.begin)::text))))
        """
    }

    private func hasName(_ names: Names) -> SQL { "right(person, length(\(names.name)::text)) = \(names.name)::text" }
}
