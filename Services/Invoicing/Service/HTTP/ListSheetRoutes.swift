import HTTPServer
import InvoicingDomain
import PaymentModel
import PostgresClient
import ServiceRuntime
import TransactionalMessaging

/// Lists as files for spreadsheets, whole and of any length (INV-10, INV-14).
struct ListSheetRoutes {
    let database: Database
    let lists = OverdueList()
    let receivableStore = ReceivableStore()
    let paymentStore = PaymentOnAccountStore()
    let methods = MethodStore()
    let organisations = OrganisationStore()
    let names = ClientNames()

    /// Rows of a file that are read at once.
    private static let rowsAtOnce = 500

    var routes: [Route] {
        let reading = Access.roles([.manager, .frontDesk, .accountant], scope: "invoices:read")
        return [
            Route(.get, "/v1/overdue/csv", operation: "getOverdueSheet", access: reading, overdue),
            Route(.get, "/v1/ageing/csv", operation: "getAgeingSheet", access: reading, ageing),
            Route(.get, "/v1/receivables/csv", operation: "getReceivablesSheet", access: reading, receivables),
            Route(
                .get, "/v1/payments-on-account/csv", operation: "getPaymentsOnAccountSheet", access: reading, payments),
        ]
    }

    @Sendable private func overdue(_ request: Request) async throws -> Response {
        let (day, language) = try request.readQuery { fields in (fields.localDate("on"), fields.language()) }
        let reader = try await reader(request, language)
        let client = { @Sendable (row: OverdueRow) in row.client }
        return file(.overdue, for: reader, of: client) { last, transaction in
            let place = last.map { DebtList.Place(dueOn: $0.dueOn, id: $0.debt.value) } ?? .first
            return try lists.overdue(
                of: reader.organisation, at: reader.clinics, on: day, after: place, rows: Self.rowsAtOnce,
                &transaction)
        } cells: { row in
            let writer = reader.writer
            return [
                row.title, writer.decimal(row.due), row.due.currency.code, writer.day(row.dueOn),
                "\(day.daysSince1970 - row.dueOn.daysSince1970)", "\(row.level)",
                writer.day(
                    LimitationPeriod.end(dueOn: row.dueOn, paidOn: row.paidOn, fromBusiness: row.isBusiness)),
            ]
        } clinic: {
            $0.clinic
        }
    }

    /// One line for each clinic.
    @Sendable private func ageing(_ request: Request) async throws -> Response {
        let (day, language) = try request.readQuery { fields in (fields.localDate("on"), fields.language()) }
        let reader = try await reader(request, language)
        let rows = try await database.read(organisation: reader.organisation) { transaction in
            try lists.ageing(of: reader.organisation, at: reader.clinics, on: day, in: .eur, &transaction)
        }
        let lines = rows.map { row in
            let sums = AgeingBucket.allCases.map { reader.writer.decimal(row.sums[$0] ?? .zero(.eur)) }
            return reader.writer.line([reader.clinic(row.clinic), Currency.eur.code] + sums)
        }
        return .bytes(
            .ok, Array((reader.head(of: .ageing) + lines.joined()).utf8), contentType: "text/csv; charset=utf-8",
            filename: "ageing.csv")
    }

    @Sendable private func receivables(_ request: Request) async throws -> Response {
        let (period, language) = try request.readQuery { fields in (PeriodFilter(fields), fields.language()) }
        let reader = try await reader(request, language)
        let client = { @Sendable (row: ReceivableRecord) in row.receivable.client }
        return file(.receivables, for: reader, of: client) { last, transaction in
            try receivableStore.list(
                of: reader.organisation, at: reader.clinics, period,
                before: last?.receivable.id ?? ReceivableID(.max), rows: Self.rowsAtOnce, &transaction)
        } cells: { row in
            let (receivable, writer) = (row.receivable, reader.writer)
            let amounts = [
                receivable.amount, receivable.paid, receivable.credited, receivable.writtenOff, receivable.due,
            ]
            return [receivable.terms.label, writer.day(receivable.recordedOn), writer.day(receivable.terms.dueOn)]
                + amounts.map(writer.decimal) + [receivable.amount.currency.code]
        } clinic: {
            $0.receivable.clinic
        }
    }

    @Sendable private func payments(_ request: Request) async throws -> Response {
        let (period, language) = try request.readQuery { fields in
            (PeriodFilter.ofPayments(fields), fields.language())
        }
        let reader = try await reader(request, language)
        let client = { @Sendable (row: PaymentRecord) in row.payment.client }
        return file(.paymentsOnAccount, for: reader, of: client) { last, transaction in
            try paymentStore.list(
                of: reader.organisation, at: reader.clinics, period,
                before: last?.payment.id ?? PaymentOnAccountID(.max), rows: Self.rowsAtOnce, &transaction)
        } cells: { row in
            let payment = row.payment
            let nothing = Money.zero(payment.amount.currency)
            let amounts = [
                payment.amount, Money(payment.allocated, nothing.currency), payment.unallocated, payment.refunded,
                payment.chargedBack, payment.reversal?.amount ?? nothing, payment.archived?.amount ?? nothing,
            ]
            return [
                payment.receiptNumber ?? "", reader.writer.day(payment.receivedOn),
                reader.methods[payment.method] ?? payment.method,
            ] + amounts.map(reader.writer.decimal) + [nothing.currency.code]
        } clinic: {
            $0.payment.clinic
        }
    }
}

// MARK: Writing one

/// Who reads a file, and what its rows are said with.
private struct SheetReader: Sendable {
    let principal: Principal
    let writer: SheetWriter
    let clinicNames: [ClinicID: String]
    /// What methods are called, by their codes.
    let methods: [String: String]

    var organisation: OrganisationID { principal.organisation }
    var clinics: [ClinicID]? { principal.clinics.list }

    func head(of list: ListSheet) -> String {
        SheetWriter.mark + writer.line(list.headings(in: writer.language))
    }

    func clinic(_ id: ClinicID?) -> String { id.flatMap { clinicNames[$0] } ?? "" }
}

/// A row of a list with the name of its client.
private struct NamedRow<Record: Sendable>: ClientRow {
    let record: Record
    let clientID: ClientID
    var client: ClientName?

    /// Who was forgotten has no name.
    var name: String {
        guard let client else { return "" }
        return client.company ?? "\(client.lastName) \(client.firstName)"
    }
}

extension ListSheetRoutes {
    /// Asked for in no language it is French, as files for spreadsheets are here.
    private func reader(_ request: Request, _ asked: Language?) async throws -> SheetReader {
        let language = asked ?? (request.headers["Accept-Language"] == nil ? .french : request.reader.language)
        let principal = try request.principal
        let organisation = principal.organisation
        return try await database.read(organisation: organisation) { transaction in
            let clinics = try organisations.clinics(of: organisation, in: &transaction).map { ($0.id, $0.name) }
            let labels = try methods.all(of: organisation, in: &transaction).map { record in
                (record.method.code, record.method.label(in: language))
            }
            return SheetReader(
                principal: principal, writer: SheetWriter(language: language),
                clinicNames: Dictionary(clinics) { first, _ in first },
                methods: Dictionary(labels) { first, _ in first })
        }
    }

    /// A file of `fetch`ed records: the clinic, the client, then the list's own `cells`.
    private func file<Record: Sendable>(
        _ list: ListSheet, for reader: SheetReader, of client: @escaping @Sendable (Record) -> ClientID,
        fetch: @escaping @Sendable (Record?, inout PostgresTransaction) throws -> [Record],
        cells: @escaping @Sendable (Record) -> [String], clinic: @escaping @Sendable (Record) -> ClinicID?
    ) -> Response {
        let (database, names) = (database, names)
        let file = PagedFile<NamedRow<Record>>(
            head: reader.head(of: list),
            fetch: { last in
                try await database.read(organisation: reader.organisation) { transaction in
                    let found = try fetch(last?.record, &transaction)
                    return try names.named(
                        found.map { NamedRow(record: $0, clientID: client($0)) }, for: reader.principal,
                        in: &transaction)
                }
            }, line: { row in reader.writer.line([reader.clinic(clinic(row.record)), row.name] + cells(row.record)) })
        return file.response(filename: "\(list.rawValue).csv")
    }
}

extension Fields {
    /// Of the words of a file.
    fileprivate func language() -> Language? { optionalEnumeration("language") }
}
