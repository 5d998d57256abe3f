import PaymentModel

/// Counts the elements of a file, since a place in XML of one line is no line.
struct CAMT053Places: Sendable {
    private static let counted: Set<String> = ["Stmt", "Bal", "Ntry"]
    private var counts: [String: Int] = [:]

    mutating func enter(_ path: [String]) {
        guard let name = path.last, Self.counted.contains(name) else { return }
        counts[name, default: 0] += 1
        if name == "Stmt" { (counts["Bal"], counts["Ntry"]) = (0, 0) }
    }

    /// Such as `Stmt[1]/Ntry[3] (NtryRef 7)`; nil outside of statements.
    func text(_ path: [String], _ entry: EntryDraft) -> String? {
        guard let start = path.firstIndex(of: "Stmt") else { return nil }
        let steps = path[start...].map { name in
            Self.counted.contains(name) ? "\(name)[\(counts[name] ?? 1)]" : name
        }
        let reference = path.contains("Ntry") ? entry.name.map { " (\($0))" } : nil
        return steps.joined(separator: "/") + (reference ?? "")
    }
}

/// A balance of a statement while it is read.
struct BalanceDraft: Sendable {
    var code = ""
    var amount = ""
    var currency: String?
    var isDebit = false

    mutating func take(_ name: String, _ parent: String, _ value: String) {
        switch name {
        case "Cd" where parent == "CdOrPrtry": code = value
        case "Amt": amount = value
        case "CdtDbtInd": isDebit = value == "DBIT"
        default: break
        }
    }
}

/// A movement while it is read.
struct EntryDraft: Sendable {
    /// What announces a movement or only tells of it: the balances are without it.
    private static let notBooked: Set<String> = ["PDNG", "INFO", "FUTR"]
    /// What banks write where they have no reference to give.
    private static let noReference: Set<String> = ["NONREF", "NOTPROVIDED"]

    var line = 1
    var amount = ""
    var currency: String?
    private var isDebit = false
    private var status = ""
    private var bookedOn = ""
    private var references: [String: String] = [:]
    private var texts: [String] = []

    init(line: Int = 1) { self.line = line }

    /// What the bank calls it, as far as it was read.
    var name: String? {
        ["NtryRef", "AcctSvcrRef"].lazy.compactMap { tag in references[tag].map { "\(tag) \($0.prefix(40))" } }.first
    }

    mutating func take(_ name: String, _ parent: String, _ value: String) {
        switch (parent, name) {
        case ("Ntry", "Amt"): amount = value
        case ("Ntry", "CdtDbtInd"): isDebit = value == "DBIT"
        case ("Ntry", "Sts"), ("Sts", "Cd"): if !value.isEmpty { status = value }
        case ("BookgDt", "Dt"): bookedOn = value
        case ("BookgDt", "DtTm"): bookedOn = String(value.prefix(10))
        case ("Ntry", "AcctSvcrRef"), ("Ntry", "NtryRef"): references[name] = value
        case (_, "EndToEndId") where !Self.noReference.contains(value), (_, "Ustrd"), (_, "AddtlNtryInf"), (_, "Nm"),
            (_, "Ref"):
            texts.append(value)
        default: break
        }
    }

    /// Nil for what is announced and not booked yet.
    func movement(at place: String?) throws -> BankMovement? {
        guard !Self.notBooked.contains(status) else { return nil }
        guard let day = LocalDate(bookedOn) else {
            throw FileProblem(
                line: line, reason: "The booking date \"\(bookedOn.prefix(20))\" is not a day.",
                remedy: "Ask the bank for the file again.")
        }
        let unsigned = try DecimalAmount.money(amount, currency, line: line)
        let money = isDebit ? try unsigned.negated() : unsigned
        let text = texts.joined(separator: " ")
        let own = told("AcctSvcrRef")
        guard let key = try own ?? reference(of: money, on: day) else {
            var named = BankMovement.named(money, on: day, text, line: line)
            named.place = place
            return named
        }
        // Some banks give the parts of one order the same reference: each is a movement of its own.
        return BankMovement(
            reference: key, naming: own == nil ? .words : .parts, amount: money, bookedOn: day, text: text,
            line: line, place: place)
    }

    /// What makes a second import of a movement without `AcctSvcrRef` harmless.
    ///
    /// Only `AcctSvcrRef` is the bank's own for good. `NtryRef` is often no more than the place in its statement, the
    /// same in every file, so day and amount go with it. Nil where the bank says that it has none.
    private func reference(of money: Money, on day: LocalDate) throws -> String? {
        guard let place = told("NtryRef") else {
            guard !references.values.contains(where: { Self.noReference.contains($0) }) else { return nil }
            throw FileProblem(
                line: line, reason: "The movement has no reference of the bank (AcctSvcrRef, NtryRef).",
                remedy: "Ask the bank to send references; without them a second import could not be told.")
        }
        return "\(place) of \(day) \(money)"
    }

    private func told(_ tag: String) -> String? {
        references[tag].flatMap { $0.isEmpty || Self.noReference.contains($0) ? nil : $0 }
    }
}

/// A statement while it is read.
struct StatementDraft: Sendable {
    var iban = ""
    /// The number of an account that has no IBAN.
    var otherAccount = ""
    var reference = ""
    private var opening: Money?
    private var closing: Money?

    mutating func add(_ balance: BalanceDraft, line: Int) throws {
        let amount = try DecimalAmount.money(balance.amount, balance.currency, line: line)
        let signed = balance.isDebit ? try amount.negated() : amount
        switch balance.code {
        case "OPBD", "PRCD": opening = opening ?? signed
        case "CLBD": closing = signed
        default: break
        }
    }

    func statement(line: Int, at place: String?) throws -> BankStatement {
        guard !iban.isEmpty || !otherAccount.isEmpty, !reference.isEmpty, let opening, let closing else {
            throw FileProblem(
                line: line, reason: "The statement lacks its account, its id or one of its two balances.",
                remedy: "Ask the bank for a full CAMT.053 statement.")
        }
        let account = iban.isEmpty ? otherAccount : IBAN.plain(iban)
        guard closing.currency == opening.currency else {
            throw FileProblem(
                line: line, reason: "It is in \(closing.currency), the statement begins in \(opening.currency).",
                remedy: "Ask the bank for a statement in the account's currency.")
        }
        return BankStatement(
            iban: account, reference: reference, format: .camt053, currency: opening.currency, opening: opening,
            closing: closing, line: line, place: place)
    }
}
