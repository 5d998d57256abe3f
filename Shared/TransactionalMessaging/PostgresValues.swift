package import PaymentModel
package import PostgresClient

// Lets stores write `\(invoice.id)` into a statement and read `let id: InvoiceID = try row("id")`.
// What a row holds and no version of this program writes is a `PostgresError` that says which column.

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
extension ContactID: PostgresEncodable, PostgresDecodable {}
extension InvoiceID: PostgresEncodable, PostgresDecodable {}
extension ReceivableID: PostgresEncodable, PostgresDecodable {}
extension QuoteID: PostgresEncodable, PostgresDecodable {}
extension SettlementID: PostgresEncodable, PostgresDecodable {}
extension DunningID: PostgresEncodable, PostgresDecodable {}
extension CreditNoteID: PostgresEncodable, PostgresDecodable {}
extension PaymentOnAccountID: PostgresEncodable, PostgresDecodable {}
extension ProviderAccountID: PostgresEncodable, PostgresDecodable {}
extension PaymentID: PostgresEncodable, PostgresDecodable {}
extension AttemptID: PostgresEncodable, PostgresDecodable {}
extension RefundID: PostgresEncodable, PostgresDecodable {}
extension MessageID: PostgresEncodable, PostgresDecodable {}
extension CampaignID: PostgresEncodable, PostgresDecodable {}
extension QuotaEntryID: PostgresEncodable, PostgresDecodable {}
extension PayoutID: PostgresEncodable, PostgresDecodable {}
extension BankLineID: PostgresEncodable, PostgresDecodable {}
extension StatementID: PostgresEncodable, PostgresDecodable {}
extension DiscrepancyID: PostgresEncodable, PostgresDecodable {}
extension AuditEntryID: PostgresEncodable, PostgresDecodable {}
extension SubjectID: PostgresEncodable, PostgresDecodable {}
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

extension Row {
    /// The row's currency, kept as its code.
    package func currency(_ column: String = "currency") throws(PostgresError) -> Currency {
        let code: String = try self(column)
        guard let currency = Currency(code) else {
            throw PostgresError(.decoding, "the column \(column) does not hold a currency")
        }
        return currency
    }

    /// An amount whose minor units and currency are columns.
    package func money(_ column: String, _ currency: Currency) throws(PostgresError) -> Money {
        Money(try self(column), currency)
    }

    /// A word of a type of the shared model, kept as its text.
    package func word<Value: RawRepresentable>(
        _ column: String, as type: Value.Type = Value.self
    ) throws(PostgresError) -> Value where Value.RawValue == String {
        let text: String = try self(column)
        guard let value = Value(rawValue: text) else {
            throw PostgresError(.decoding, "the column \(column) does not hold a known \(Value.self)")
        }
        return value
    }
}
