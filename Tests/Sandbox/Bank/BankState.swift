/// An account at the simulated bank.
struct BankAccount: Sendable {
    let iban: String
    var holder: String
    var balance: Int64
    /// Booked but not yet on a statement, or booked for a later day.
    var waiting: [BankMovement] = []
    var statements: [BankStatement] = []

    /// Puts on a statement what is booked by this day.
    mutating func state(on date: CivilDate, pending: [BankMovement], at now: Int64) -> BankStatement {
        let booked = waiting.filter { $0.bookedOn <= date }
        waiting.removeAll { $0.bookedOn <= date }
        let sequence = statements.count + 1
        let statement = BankStatement(
            id: "\(iban.suffix(8))-\(date.text)-\(sequence)", sequence: sequence, iban: iban, holder: holder,
            date: date, createdAt: now, opening: balance, movements: booked + pending)
        balance = statement.closing
        statements.append(statement)
        return statement
    }
}

/// Everything the simulated bank knows.
struct BankState: Sendable {
    /// What an account has before its first movement, unless told otherwise.
    static let openingUsual: Int64 = 10_000_00

    private(set) var accounts: [String: BankAccount] = [:]
    private var lastReference = 0

    mutating func put(iban: String, holder: String, balance: Int64) {
        accounts[iban] = BankAccount(iban: iban, holder: holder, balance: balance)
    }

    /// Opens the account on its first use.
    mutating func ensure(iban: String, holder: String) {
        if accounts[iban] == nil { put(iban: iban, holder: holder, balance: Self.openingUsual) }
    }

    mutating func nextReference() -> String {
        lastReference += 1
        return "BK\(padded(Int64(lastReference), 10))"
    }

    mutating func book(_ movement: BankMovement, on iban: String) { accounts[iban]?.waiting.append(movement) }

    mutating func state(_ iban: String, on date: CivilDate, pending: [BankMovement], at now: Int64) -> BankStatement? {
        accounts[iban]?.state(on: date, pending: pending, at: now)
    }

    var statements: [BankStatement] {
        accounts.values.flatMap(\.statements).sorted { ($0.date, $0.iban) < ($1.date, $1.iban) }
    }

    func statement(_ id: String) -> BankStatement? { statements.first { $0.id == id } }
}
