import PostgresClient
import TestSupport

/// Lends a pool on a fresh database of the shared cluster and closes it afterwards.
func withFreshDatabase(
    _ adjust: (inout PostgresSettings) -> Void = { _ in }, _ body: (PostgresPool) async throws -> Void
) async throws {
    var settings = try await PrivatePostgres.shared().database()
    adjust(&settings)
    try await withPool(settings, body)
}

/// Lends a pool and closes it afterwards.
func withPool(_ settings: PostgresSettings, _ body: (PostgresPool) async throws -> Void) async throws {
    let pool = PostgresPool(settings)
    do {
        try await body(pool)
    } catch {
        await pool.close(within: .seconds(1))
        throw error
    }
    await pool.close(within: .seconds(1))
}

extension PostgresPool {
    /// The one number a statement answers.
    func number(_ sql: SQL) async throws -> Int {
        try await query(sql) { try $0(0) as Int }.first ?? -1
    }

    /// The error a transaction ends with, if it ends with one of ours.
    func failure(
        _ options: TransactionOptions = .readWrite,
        of body: @escaping @Sendable (inout PostgresTransaction) throws -> Void
    ) async throws -> PostgresError? {
        do {
            try await transaction(options, body)
            return nil
        } catch let error as PostgresError {
            return error
        }
    }
}

/// Random numbers that a seed gives again.
struct SampleGenerator: RandomNumberGenerator {
    private var numbers: SeededGenerator

    init(seed: UInt64) { numbers = SeededGenerator(seed: seed &* 0x9E37_79B9_7F4A_7C15 &+ 1) }

    mutating func next() -> UInt64 { numbers.next() }

    /// Text with what breaks quoting, escaping and encodings.
    mutating func text() -> String {
        let alphabet: [String] = [
            "a", "é", "ç", "€", "'", "\"", "\\", "\\\\N", "\t", "\n", "\r", "{", "}", ",", "$1", ";--", "🐈", "NULL",
            " ",
        ]
        return (0..<Int.random(in: 0...12, using: &self)).map { _ in alphabet.randomElement(using: &self) ?? "" }
            .joined()
    }

    mutating func bytes() -> [UInt8] {
        (0..<Int.random(in: 0...40, using: &self)).map { _ in UInt8.random(in: 0...255, using: &self) }
    }

    /// A number that is often at the edge of its type.
    mutating func number<Number: FixedWidthInteger>(_: Number.Type) -> Number {
        switch Int.random(in: 0...5, using: &self) {
        case 0: .min
        case 1: .max
        case 2: 0
        default: Number(truncatingIfNeeded: next())
        }
    }

    mutating func maybe<Value>(_ make: (inout SampleGenerator) -> Value) -> Value? {
        Bool.random(using: &self) ? make(&self) : nil
    }
}
