import PaymentModel
import PaymentOrchestratorDomain
import Testing

@Suite struct `A client's details, PAY-6` {
    private func details(phone: String, email: String, street: String?) throws -> ClientDetails {
        ClientDetails(
            firstName: "Ada", lastName: "Martin", phone: try #require(Phone(e164: phone)),
            email: try #require(EmailAddress(email)), addressLine: street, postalCode: "69001", town: "Lyon",
            country: "FR", language: .french)
    }

    private func own() throws -> OwnContacts {
        OwnContacts(
            phones: [try #require(Phone(e164: "+33478000000"))],
            emails: [try #require(EmailAddress("Accueil@clinique.example"))],
            addresses: ["12, rue des Lilas, Lyon"])
    }

    @Test func `are refused when they are the clinic's own, however they are typed`() throws {
        let details = try details(
            phone: "+33478000000", email: "accueil@Clinique.example", street: "12 RUE des  Lilas")
        #expect(details.fieldsBelonging(to: try own()) == ["phone", "email", "addressLine"])
    }

    @Test(
        arguments: [
            ("10 rue Haute", true), ("10 rue Haute, 69001 Lyon, FR", true), ("10, RUE HAUTE - LYON (France)", true),
            ("10 rue Haute, 75001 Paris", false), ("110 rue Haute", false), ("10 rue Haute prolongée", false),
            ("", false), (" , ", false),
        ])
    func `are the clinic's own in one way of writing its address as in another`(own: String, isOwn: Bool) throws {
        let contacts = OwnContacts(phones: [], emails: [], addresses: [own])
        for street in ["10 rue Haute", "10 RUE  HAUTE", "10, rue haute"] {
            let details = try details(phone: "+33612345678", email: "ada@example.org", street: street)
            #expect(details.fieldsBelonging(to: contacts) == (isOwn ? ["addressLine"] : []), "\(street)")
        }
    }

    @Test func `are the clinic's own with accents or without, and with the town in the street's line`() throws {
        for (own, street) in [
            ("3 rue de l’Église", "3 RUE DE L'EGLISE"), ("3 allee des Chenes, Lyon", "3 allée des Chênes"),
            ("3 rue du Sacré-Cœur", "3 rue du sacre coeur, 69001 Lyon"),
        ] {
            let contacts = OwnContacts(phones: [], emails: [], addresses: [own])
            let details = try details(phone: "+33612345678", email: "ada@example.org", street: street)
            #expect(details.fieldsBelonging(to: contacts) == ["addressLine"], "\(own)")
        }
    }

    @Test(
        arguments: [
            ("a-b@cabinet.example", true), ("A-B@Cabinet.Example", true), ("a_b@cabinet.example", false),
            ("ab@cabinet.example", false), ("a+b@cabinet.example", false), ("a-b@cab-inet.example", false),
        ])
    func `are the clinic's own by the whole mail address, each of whose characters counts`(
        email: String, isOwn: Bool
    ) throws {
        let address = try #require(EmailAddress("a-b@cabinet.example"))
        let contacts = OwnContacts(phones: [], emails: [address], addresses: [])
        let details = try details(phone: "+33612345678", email: email, street: nil)
        #expect(details.fieldsBelonging(to: contacts) == (isOwn ? ["email"] : []))
    }

    @Test func `pass when they are the client's`() throws {
        let details = try details(phone: "+33612345678", email: "ada@example.org", street: nil)
        #expect(details.fieldsBelonging(to: try own()).isEmpty)
    }
}

@Suite struct `A receivable` {
    private let client = ClientID(1)
    private let clinic = ClinicID(5)
    private func receivable(due: Int64, uncounted: Int64 = 0) -> Receivable {
        Receivable(
            debt: .invoice(InvoiceID(1)), clinic: clinic, client: client, due: .euros(cents: due),
            uncounted: .euros(cents: uncounted))
    }

    @Test func `admits a payment up to what is due`() throws {
        try receivable(due: 100).admit(.euros(cents: 100), from: client, at: clinic)
        #expect(throws: Receivable.Rejection.moreThanDue(.euros(cents: 100))) {
            try receivable(due: 100).admit(.euros(cents: 101), from: client, at: clinic)
        }
    }

    @Test func `admits nothing once it is settled, nor from somebody else, nor to another clinic`() {
        #expect(throws: Receivable.Rejection.settled) {
            try receivable(due: 0).admit(.euros(cents: 1), from: client, at: clinic)
        }
        #expect(throws: Receivable.Rejection.otherClient) {
            try receivable(due: 100).admit(.euros(cents: 1), from: ClientID(2), at: clinic)
        }
        #expect(throws: Receivable.Rejection.otherClinic) {
            try receivable(due: 100).admit(.euros(cents: 1), from: client, at: ClinicID(6))
        }
    }

    @Test func `counts what was accepted before its owner does`() throws {
        let part = receivable(due: 100, uncounted: 60)
        try part.admit(.euros(cents: 40), from: client, at: clinic)
        #expect(throws: Receivable.Rejection.moreThanDue(.euros(cents: 40))) {
            try part.admit(.euros(cents: 41), from: client, at: clinic)
        }
        #expect(receivable(due: 100, uncounted: 100).isSettled)
        #expect(receivable(due: .min, uncounted: .max).open.isZero)
    }

    @Test func `that is settled calls a payment off instead of letting it start`() throws {
        var payment = try PaymentExamples.payment(in: .requested)
        let facts = try payment.start(
            PaymentExamples.attempt, at: PaymentExamples.now, receivable: receivable(due: 100, uncounted: 100))
        #expect(facts == [.cancelled(reason: .receivablePaid)] && payment.attempts.isEmpty)
    }

    @Test func `of which a part was paid at the till calls off a payment of the whole, not one of the rest`() throws {
        let amount = try PaymentExamples.payment(in: .requested).terms.amount.minorUnits
        for (due, isCalledOff) in [(amount - 1, true), (amount, false), (amount + 1, false)] {
            var payment = try PaymentExamples.payment(in: .requested)
            let facts = try payment.start(
                PaymentExamples.attempt, at: PaymentExamples.now, receivable: receivable(due: due, uncounted: 0))
            #expect((facts == [.cancelled(reason: .receivableReduced)]) == isCalledOff)
            #expect(payment.attempts.isEmpty == isCalledOff)
        }
    }
}

@Suite struct `A provider's fee` {
    @Test(arguments: [(9_000, 360, 324, 65), (12_000, 105, 126, 25), (10_000, 280, 280, 56)])
    func `is rounded half up at each step`(amount: Int64, rate: Int, net: Int64, vat: Int64) throws {
        let fee = try ProviderFee(
            on: .euros(cents: amount), rate: BasisPoints(rate), fixed: .zero(.eur), vatRate: BasisPoints(2_000))
        #expect(fee == ProviderFee(net: .euros(cents: net), vat: .euros(cents: vat)))
        #expect(try fee.gross() == .euros(cents: net + vat))
    }

    @Test func `leads to a payout seven days after the acceptance`() throws {
        var payment = try PaymentExamples.payment(in: .open)
        let acceptedOn = try #require(LocalDate("2022-08-01"))
        let context = ObservationContext(
            now: PaymentExamples.now, localDate: { _ in acceptedOn }, payoutOffsetDays: 7,
            fallbackFee: PaymentExamples.fee, receivableSettled: false, orderLease: .zero,
            nameRefund: { PaymentExamples.elsewhere })
        _ = try payment.observe(PaymentExamples.report(.paid), of: PaymentExamples.attempt, in: context)
        #expect(payment.acceptance?.expectedPayoutOn == LocalDate("2022-08-08"))
    }
}

@Suite struct `The schedule of asking` {
    private let schedule = AskingSchedule(
        first: .seconds(2), eagerQuestions: 1, growth: 2, longest: .seconds(30), questionsMax: 9)

    @Test func `asks often while a client waits and ever less after`() {
        let pauses = (0...7).map { schedule.pause(afterQuestions: $0) }
        #expect(pauses == [2, 2, 4, 8, 16, 30, 30, 30].map { .seconds($0) })
    }

    @Test func `ends with a person`() {
        #expect(!schedule.isExhausted(afterQuestions: 8))
        #expect(schedule.isExhausted(afterQuestions: 9))
    }

    @Test func `takes a wait without questions for the questions it had time for`() {
        #expect(schedule.questions(in: .seconds(12)) == 6)
        #expect(schedule.questions(in: .zero) == 1)
        #expect(schedule.questions(in: .seconds(1_000_000)) == 9)
    }

    @Test func `survives settings that make no sense`() {
        let flat = AskingSchedule(
            first: .seconds(1), eagerQuestions: -1, growth: 0, longest: .seconds(1), questionsMax: 1)
        #expect(flat.pause(afterQuestions: 1_000_000) == .seconds(1))
    }
}
