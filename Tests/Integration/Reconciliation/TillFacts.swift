import EventContract
import HTTPServer
import PaymentModel
import Testing

/// Money a till took, as invoicing tells of it.
struct TakingFacts: Sendable {
    let id: PaymentOnAccountID = Books.newID()
    let clinic: ClinicID
    var amount: Int64
    var kind: CashCollectedV1.Kind = .cheque
    var day = Books.day
    var receipt = "R-1"

    /// The organisation's code.
    var method: String { "m-\(kind.rawValue)" }

    var collected: CashCollectedV1 {
        CashCollectedV1(
            paymentOnAccountID: id, clientID: ClientID(7), amount: .euros(cents: amount), method: method, kind: kind,
            collectedOn: day, receiptNumber: receipt, journal: "CAI", account: "531000")
    }

    func reversed(
        on day: LocalDate, _ reason: PaymentOnAccountReversedV1.Reason = .bounced, for invoice: InvoiceID? = nil
    ) -> PaymentOnAccountReversedV1 {
        PaymentOnAccountReversedV1(
            paymentOnAccountID: id, clientID: ClientID(7), amount: .euros(cents: amount), reason: reason,
            reversedOn: day,
            allocations: invoice.map { [.init(invoiceID: $0, amount: .euros(cents: amount))] } ?? [], receivables: [])
    }
}

/// What a person counts of a method.
struct CountedMethod: Sendable {
    let kind: CashCollectedV1.Kind
    let amount: Int64
    var account: String?

    var json: String {
        let said = account.map { #","difference":{"account":"\#($0)","reason":"counted twice"}"# } ?? ""
        return #"{"method":"m-\#(kind.rawValue)","kind":"\#(kind.rawValue)","counted":\#(Books.euros(amount))\#(said)}"#
    }
}

extension Books {
    static func euros(_ cents: Int64) -> String { #"{"minorUnits":\#(cents),"currency":"EUR"}"# }

    func tell(_ taking: TakingFacts, times: Int = 1) async throws {
        try await tell(taking.collected, about: taking.id, clinic: taking.clinic, times: times)
    }

    /// An invoice that nobody has paid.
    func invoice(_ cents: Int64) async throws -> InvoiceID {
        let invoice: InvoiceID = Self.newID()
        try await tell(
            InvoiceIssuedV1(
                invoiceID: invoice, clientID: ClientID(7), number: "F-1", issuedOn: Self.day, dueOn: Self.day,
                total: .euros(cents: cents), vat: []), about: invoice)
        return invoice
    }

    /// A movement at the bank, in a statement of its own.
    func receive(_ amount: Int64, _ text: String) async throws {
        let entry = StatementEntry(reference: "BK-\(text)", amount: amount, text: text)
        let answer = try await importStatement(StatementFile(id: "S-\(text)", entries: [entry]).text)
        #expect(answer.status == 201, "\(answer.text)")
    }

    /// With the invoice that all of it was counted for.
    func tell(_ taking: TakingFacts, for invoice: InvoiceID) async throws {
        try await tell(taking)
        let amount = Money.euros(cents: taking.amount)
        try await tell(
            PaymentOnAccountRecordedV1(
                paymentOnAccountID: taking.id, clientID: ClientID(7), amount: amount, method: taking.method,
                allocations: [.init(invoiceID: invoice, amount: amount)], unallocated: .zero(.eur)),
            about: taking.id, clinic: taking.clinic)
    }

    func tell(
        reversalOf taking: TakingFacts, on day: LocalDate = Books.day,
        _ reason: PaymentOnAccountReversedV1.Reason = .bounced, for invoice: InvoiceID? = nil, times: Int = 1
    ) async throws {
        let reversal = taking.reversed(on: day, reason, for: invoice)
        try await tell(reversal, about: taking.id, clinic: taking.clinic, times: times)
    }

    func count(
        _ counts: [CountedMethod], at clinic: ClinicID, on day: LocalDate = Books.day, as subject: String = "anna"
    ) async throws -> InProcessClient.Answer {
        let body = counts.map(\.json).joined(separator: ",")
        return try await post(
            "/v1/cash-ups", #"{"clinicID":"\#(clinic)","day":"\#(day)","counts":[\#(body)]}"#, as: subject)
    }

    /// What the till of a day expects and was counted as, by method.
    func cashUp(_ clinic: ClinicID, _ day: LocalDate = Books.day) async throws -> [String] {
        let days = try await list("/v1/cash-ups?clinicID=\(clinic)&from=\(day)&to=\(day)")
        return (days.first?["lines"]?.elements ?? []).map { line in
            let counted = line["counted"]?["minorUnits"]?.integer.map { " \($0)" } ?? ""
            return "\(line["kind"]?.text ?? "") \(line["expected"]?["minorUnits"]?.integer ?? 0)\(counted)"
        }
    }

    /// The ids of what waits for a slip.
    func waiting(_ clinic: ClinicID, _ kind: CashCollectedV1.Kind = .cheque) async throws -> [String] {
        try await list("/v1/takings?clinicID=\(clinic)&kind=\(kind.rawValue)&waiting=true").compactMap {
            $0["id"]?.text
        }
    }

    /// Brings takings to the bank.
    func remit(
        _ ids: [String], at clinic: ClinicID, _ reference: String, _ kind: CashCollectedV1.Kind = .cheque
    ) async throws -> InProcessClient.Answer {
        let list = ids.map { "\"\($0)\"" }.joined(separator: ",")
        return try await remit(#""takingIDs":[\#(list)]"#, at: clinic, reference, kind)
    }

    func remit(
        _ content: String, at clinic: ClinicID, _ reference: String, _ kind: CashCollectedV1.Kind
    ) async throws -> InProcessClient.Answer {
        try await post(
            "/v1/remittances",
            #"{"clinicID":"\#(clinic)","kind":"\#(kind.rawValue)","reference":"\#(reference)","madeOn":"\#(Books.day)",\#(content)}"#
        )
    }

    /// A till with two cheques on a slip, one that waits, a card, and cash that was counted with a difference.
    func fillTill(_ clinic: ClinicID) async throws -> InProcessClient.Answer {
        for amount: Int64 in [5_000, 7_000, 900] { try await tell(TakingFacts(clinic: clinic, amount: amount)) }
        try await tell(TakingFacts(clinic: clinic, amount: 4_000, kind: .card))
        try await tell(TakingFacts(clinic: clinic, amount: 10_000, kind: .cash))
        let slip = try await remit(Array(waiting(clinic).suffix(2)), at: clinic, "=BORD-é1")
        let counts = [
            CountedMethod(kind: .cheque, amount: 12_900), CountedMethod(kind: .card, amount: 4_000),
            CountedMethod(kind: .cash, amount: 9_990, account: "658000"),
        ]
        #expect(try await count(counts, at: clinic).status == 201)
        return slip
    }
}
