import PaymentModel
import PostgresClient
import TransactionalMessaging

/// What rows of files tell of a client who is forgotten (GEN-7).
struct ImportedTraces {
    let reach: ForgottenReach

    /// What files may call a client.
    private struct Names {
        let reference: String
        let lastName: String
        let firstName: String

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
            SELECT coalesce(reference, '') AS reference, last_name, first_name FROM client
            WHERE id = ANY(\(clients))
            """
        ) { row in
            Names(
                reference: try row("reference"), lastName: try row("last_name"), firstName: try row("first_name"))
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
        outcome IS NOT NULL AND (\(hasOwnPhone) OR starts_with(person, \(names.begin)::text)
            OR \(hasName(names)) OR outcome = 'refused' AND \(holds(names)))
        """
    }

    /// Cells of a bad row may be in wrong columns, or hold what could not be read; a reference alone is a word of many.
    private func holds(_ names: Names) -> SQL {
        """
        (\(Self.plainCells) && \(reach.emails)::text[]
            OR \(names.firstName)::text <> ''
                AND \(Self.plainCells) @> ARRAY[lower(\(names.lastName)::text), lower(\(names.firstName)::text)]
            OR EXISTS (SELECT FROM unnest(\(reach.ownPhones)::text[]) AS number WHERE strpos(
                translate(array_to_string(cells, chr(31)), ' .-()/' || chr(160) || chr(8239), ''),
                right(number, \(Self.phoneDigits))) > 0))
        """
    }

    private var hasPhone: SQL { "phone = ANY(\(reach.phones)::text[])" }

    private var hasOwnPhone: SQL { "phone = ANY(\(reach.ownPhones)::text[])" }

    private static let plainCells: SQL = "(SELECT array_agg(lower(btrim(cell))) FROM unnest(cells) AS cell)"

    /// How many digits at the end of a number are the same, however it is dialled.
    private static let phoneDigits: Int32 = 9

    private func waiting(_ names: Names, _ organisation: OrganisationID) -> SQL {
        """
        outcome IS NULL AND (import_file, document) IN (
            SELECT import_file, document FROM import_row
            WHERE organisation = \(organisation) AND outcome IS NULL
                AND (person IS NULL AND \(hasOwnPhone) OR person = \(names.nameless)::text
                    OR \(hasName(names)) AND (\(hasPhone) OR starts_with(person, \(names.begin)::text))))
        """
    }

    private func hasName(_ names: Names) -> SQL { "right(person, length(\(names.name)::text)) = \(names.name)::text" }
}
