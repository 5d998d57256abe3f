/// What to do at the end of a day at the bank.
struct CloseDay: Sendable {
    let date: CivilDate
    /// Latest acceptance that is paid out; everything by default.
    let upTo: Int64
    let unrelated: Int
    let hasPending: Bool
    let faults: [SettlementFault]

    init(_ json: JSON, clock: SandboxClock) throws {
        if let text = json.given("date")?.asText {
            guard let date = CivilDate(text) else { throw Refusal.control("'date' must be like 2026-11-21") }
            self.date = date
        } else {
            date = clock.today
        }
        upTo = json["acceptedUpTo"]?.asInteger ?? .max
        unrelated = json.whole("unrelated") ?? 4
        hasPending = json["pending"]?.asBool ?? false
        faults = try (json["faults"]?.asList ?? []).map(SettlementFault.init)
    }

    func faults(for merchantID: String) -> [SettlementFault] {
        faults.filter { $0.merchantID == nil || $0.merchantID == merchantID }
    }
}

/// What the bank prints beside a provider's transfer.
private struct TransferLabel {
    let counterparty: String
    let iban: String
    let endToEnd: String
    let remittance: String
}

extension WorldState {
    /// Pays every merchant what it is owed, then writes the day's statement of each account.
    mutating func close(_ day: CloseDay) -> JSON {
        var payouts: [JSON] = []
        for merchantID in alma.accounts.keys.sorted() {
            guard let account = alma.accounts[merchantID], let iban = account.iban else { continue }
            bank.ensure(iban: iban, holder: account.name)
            if let payout = payOut(account, iban: iban, day) { payouts.append(payout) }
        }
        for id in stripe.accounts.keys.sorted() {
            guard let account = stripe.accounts[id], let iban = account.iban else { continue }
            bank.ensure(iban: iban, holder: account.name)
            if let payout = payOut(account, iban: iban, day) { payouts.append(payout) }
        }
        for id in paypal.accounts.keys.sorted() {
            guard let account = paypal.accounts[id], let iban = account.iban else { continue }
            bank.ensure(iban: iban, holder: account.name)
            if let payout = withdraw(account, iban: iban, day) { payouts.append(payout) }
        }
        let statements = bank.accounts.keys.sorted().compactMap { writeStatement($0, day) }
        return ["date": .text(day.date.text), "payouts": .list(payouts), "statements": .list(statements)]
    }

    private mutating func payOut(_ account: AlmaAccount, iban: String, _ day: CloseDay) -> JSON? {
        let faults = day.faults(for: account.merchantID)
        let now = day.date.unixSeconds
        for fault in faults where fault.kind == .unknownPayment {
            alma.ledger.bookStray(account.merchantID, amount: fault.cents, random: &random, at: clock.now)
        }
        guard
            let payout = alma.ledger.payOut(account.merchantID, upTo: day.upTo, random: &random, at: now)
        else { return nil }
        var report = AlmaSettlementReport(payout: payout, lines: alma.ledger.lines(of: payout.id))
        for fault in faults { report.apply(fault) }
        alma.ledger.reports[payout.id] = report
        let label = TransferLabel(
            counterparty: "ALMA SAS", iban: "FR7630004000031234567890143", endToEnd: String(payout.id.suffix(32)),
            remittance: "ALMA VIREMENT \(payout.id)")
        let booked = transfer(payout.amount, label, to: iban, on: day.date, faults)
        var json = payout.json
        json.set("iban", to: .text(iban))
        json.set("booked", to: .optional(booked?.cents))
        json.set("bookedOn", to: .optional(booked?.bookedOn.text))
        json.set("lines", to: .count(report.lines.count))
        json.set("report", to: .text("\(publicURL)/control/bank/settlements/\(payout.id)"))
        return json
    }

    private mutating func payOut(_ account: StripeAccount, iban: String, _ day: CloseDay) -> JSON? {
        guard let payout = payOut(account, at: day.date.unixSeconds) else { return nil }
        let label = TransferLabel(
            counterparty: "STRIPE", iban: "IE64IRCE92050112345678", endToEnd: String(payout.id.suffix(32)),
            remittance: "STRIPE \(payout.id)")
        let booked = transfer(payout.amount, label, to: iban, on: day.date, day.faults(for: account.id))
        var json = payout.json
        json.set("iban", to: .text(iban))
        json.set("booked", to: .optional(booked?.cents))
        json.set("bookedOn", to: .optional(booked?.bookedOn.text))
        return json
    }

    private mutating func withdraw(_ account: PayPalAccount, iban: String, _ day: CloseDay) -> JSON? {
        let id = String(random.identifier("").uppercased().prefix(17))
        // PayPal's search knows nothing but time: a withdrawal is never before what it withdraws.
        let at = max(day.date.unixSeconds, clock.now)
        guard let movement = paypal.withdraw(account.clientID, id: id, at: at) else { return nil }
        let label = TransferLabel(
            counterparty: "PAYPAL EUROPE S.A.R.L. ET CIE S.C.A", iban: "LU89751000135104200E", endToEnd: id,
            remittance: "PAYPAL \(id)")
        let booked = transfer(-movement.amount, label, to: iban, on: day.date, day.faults(for: account.clientID))
        return [
            "id": .text(id), "amount": .integer(-movement.amount), "iban": .text(iban),
            "booked": .optional(booked?.cents), "bookedOn": .optional(booked?.bookedOn.text),
        ]
    }

    private mutating func transfer(
        _ amount: Int64, _ label: TransferLabel, to iban: String, on date: CivilDate, _ faults: [SettlementFault]
    ) -> BankMovement? {
        guard !faults.contains(where: { $0.kind == .neverArrives }) else { return nil }
        let short = faults.filter { $0.kind == .short }.reduce(0) { $0 + $1.cents }
        let late = faults.filter { $0.kind == .late }.reduce(0) { $0 + $1.days }
        let booked = date.adding(days: late)
        let movement = BankMovement(
            reference: bank.nextReference(), kind: .transferIn, cents: amount - short, bookedOn: booked,
            valuedOn: booked, counterparty: label.counterparty, counterpartyIBAN: label.iban,
            endToEnd: label.endToEnd, remittance: [label.remittance])
        bank.book(movement, on: iban)
        return movement
    }

    private mutating func writeStatement(_ iban: String, _ day: CloseDay) -> JSON? {
        let made = unrelatedMovements(day.unrelated + (day.hasPending ? 1 : 0), on: day.date)
        for movement in made.prefix(day.unrelated) { bank.book(movement, on: iban) }
        var pending = Array(made.dropFirst(day.unrelated))
        for index in pending.indices { pending[index].isPending = true }
        guard let statement = bank.state(iban, on: day.date, pending: pending, at: clock.now) else { return nil }
        var json = statement.json
        json.set("file", to: .text("\(publicURL)/control/bank/statements/\(statement.id)"))
        return json
    }

    private mutating func unrelatedMovements(_ count: Int, on date: CivilDate) -> [BankMovement] {
        // Copies, because the maker draws from both at once.
        var chance = random
        var book = bank
        let made = UnrelatedMovements.make(count, on: date, random: &chance) { book.nextReference() }
        random = chance
        bank = book
        return made
    }
}
