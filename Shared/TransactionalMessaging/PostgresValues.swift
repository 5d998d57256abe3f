package import PaymentModel
package import PostgresClient

// Lets stores write `\(invoice.id)` into a statement and read `let id: InvoiceID = try row("id")`.

extension Identifier where Self: PostgresEncodable {
    /// A UUID.
    package static var postgresType: PostgresType { .uuid }

    /// Its 128 bits.
    package var postgresValue: PostgresValue { .uuid(value) }
}

extension Identifier where Self: PostgresDecodable {
    /// Reads a UUID.
    package init(postgres cell: PostgresCell) throws(PostgresError) {
        self.init(try UInt128(postgres: cell))
    }
}

extension OrganisationID: PostgresEncodable, PostgresDecodable {}
extension ClinicID: PostgresEncodable, PostgresDecodable {}
extension ClientID: PostgresEncodable, PostgresDecodable {}
extension InvoiceID: PostgresEncodable, PostgresDecodable {}
extension CreditNoteID: PostgresEncodable, PostgresDecodable {}
extension PaymentOnAccountID: PostgresEncodable, PostgresDecodable {}
extension ProviderAccountID: PostgresEncodable, PostgresDecodable {}
extension PaymentID: PostgresEncodable, PostgresDecodable {}
extension AttemptID: PostgresEncodable, PostgresDecodable {}
extension RefundID: PostgresEncodable, PostgresDecodable {}
extension MessageID: PostgresEncodable, PostgresDecodable {}
extension PayoutID: PostgresEncodable, PostgresDecodable {}
extension BankLineID: PostgresEncodable, PostgresDecodable {}
extension StatementID: PostgresEncodable, PostgresDecodable {}
extension DiscrepancyID: PostgresEncodable, PostgresDecodable {}
extension EventID: PostgresEncodable, PostgresDecodable {}
extension CorrelationID: PostgresEncodable, PostgresDecodable {}
extension DeadLetterID: PostgresEncodable, PostgresDecodable {}

extension Instant: PostgresEncodable, PostgresDecodable {
    /// A `timestamptz`, to the microsecond.
    package static var postgresType: PostgresType { .timestamp }

    /// Microseconds since 1970.
    package var postgresValue: PostgresValue { .timestamp(microsecondsSince1970) }

    /// Reads a `timestamptz`.
    package init(postgres cell: PostgresCell) throws(PostgresError) {
        self.init(microsecondsSince1970: try PostgresTimestamp(postgres: cell).microsecondsSince1970)
    }
}

extension LocalDate: PostgresEncodable, PostgresDecodable {
    /// A `date`.
    package static var postgresType: PostgresType { .date }

    /// Days since 1970.
    package var postgresValue: PostgresValue { .date(Int32(clamping: daysSince1970)) }

    /// Reads a `date` of the years 1 to 9999.
    package init(postgres cell: PostgresCell) throws(PostgresError) {
        let days = Int(try PostgresDate(postgres: cell).daysSince1970)
        guard let date = LocalDate(daysSince1970: days) else {
            throw PostgresError(.decoding, "the date is outside of the years 1 to 9999")
        }
        self = date
    }
}
