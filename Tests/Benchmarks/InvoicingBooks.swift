import Foundation
import HTTPServer
import PaymentModel
import PostgresClient
import ServiceRuntime
import TestSupport

/// Books of many clients and movements, and how long a person waits for what they ask of them.
struct InvoicingBooks: Sendable {
    let world: InvoicingWorld
    let clients: Int
    let movements: Int
    let ofOneClient: Int
    let showsPlans: Bool

    func run(turns: Int) async throws {
        let (clinic, quiet) = try await (world.clinic("LIVRES"), world.clinic("CALME"))
        let start = ContinuousClock.now
        try await InvoicingBooksFilling(
            world: world, clinic: clinic, clients: clients, invoices: movements / 2, ofOneClient: ofOneClient / 2
        ).run()
        let size: String = try await world.overseer.transaction { transaction in
            try transaction.one("SELECT pg_size_pretty(pg_database_size(current_database())) AS size") { row in
                try row("size")
            }
        }
        say(
            String(
                format: "books of %d clients and %d movements, %@, filled in %.0f s", clients, movements, size,
                (ContinuousClock.now - start) / .seconds(1)))
        for question in try await searches() + lists(quiet) { try await ask(question, turns: turns) }
    }

    private typealias Question = (name: String, path: String, milliseconds: Double)

    /// What a front desk types: by what hardly anybody has, some have, nearly all have, and only those of long ago.
    ///
    /// Three in a row of the last five are in far more numbers than the words are.
    private func searches() async throws -> [Question] {
        let (one, other) = try await (word(clients / 2), word(clients / 3))
        let company = try await companyWord(InvoicingBooksFilling.companyEvery * (clients / 15))
        let whole = try await number(movements / 4)
        let behind = Cursor(["\(client(clients / 2))"])
        let phone = String(format: "%08d", clients / 2)
        let blanks = "06%20\(phone.prefix(2))%20\(phone.dropFirst(2).prefix(2))%20\(phone.dropFirst(4).prefix(2))"
        let year = TimeSource.system.now().utcDate.year
        let before = "\(year - 1)-"
        let typed: [(String, String)] = [
            ("a part of a name", one), ("first and last name", "martin%20\(other)"), ("one letter", "m"),
            ("two letters", "ma"), ("two letters nobody has", "zz"), ("two letters of one name each", "zo%20ma"),
            ("a name a seventh has", "martin"), ("that name, half the clients on", "martin&after=\(behind.text)"),
            ("a part of a phone", String(phone.suffix(6))), ("a phone with blanks", blanks),
            ("three digits of a phone", "336"), ("the zeros many phones have", "000"),
            ("more zeros", "00000"), ("a phone with zeros", "06%2000%2000"),
            ("two names of which nobody has both", "martin%20garnier"),
            ("an e-mail", "client\(clients / 2)%40exam"), ("what all but the newest have", "autrefois"),
            ("that, two hundred a page", "autrefois&limit=200"),
            ("the end of an invoice's number", String(format: "%07d", movements / 4)),
            ("what is inside many numbers", "0123"), ("the beginning of a number", "f-livres-2026-012"),
            ("what a fifth's companies are called", "quatre%20vents"), ("one company", "vents%20\(company)"),
            ("a company and a name", "martin%20vents%20\(company)"), ("a company nobody has", "quatre%20xyzzy"),
            ("two letters inside names", "rt"), ("two letters nobody has inside", "zq"), ("two digits", "27"),
            ("two digits of a phone with blanks", "06%202"), ("three digits inside numbers", "999"),
            ("an end many numbers have", "001"), ("a number that is not there", "f-livres-1999-0000001"),
            ("nobody", "xyzzy"), ("a letter inside names", "e"), ("a letter few have", "k"), ("a digit", "7"),
            ("a letter and a digit", "a%207"), ("two digits in groups of one", "1%202"),
            ("a year of numbers", "\(year)"), ("a year there are none of", "1999-0"), ("the year before", before),
            ("that, half the clients on", "\(before)&after=\(behind.text)"), ("a clinic's numbers", "f-livres"),
            ("the letter of invoices", "f"), ("two zeros behind a dash", "-00"),
            ("five digits inside numbers", "31415"), ("six digits inside one number", "271828"),
            ("a whole number", whole), ("digits that repeat themselves", "121212"),
            ("those of a year repeated", "202020"), ("a year and a count's beginning", "\(year)-202"),
            ("a year's end and a count like it", "\(year % 1_000)-\(year)"), ("a count like a year", "-\(year)0"),
        ]
        return typed.map { ("search by \($0)", "/v1/clients?search=\($1)", 50) }
    }

    private func lists(_ quiet: String) -> [Question] {
        let (day, one) = (TimeSource.system.now().utcDate, client(1))
        return [
            ("ageing", "/v1/ageing?on=\(day)", 1_000),
            ("the first page of what is late", "/v1/overdue?on=\(day)", 200),
            ("the newest invoices", "/v1/invoices", 50), ("drafts", "/v1/invoices?status=draft", 50),
            ("a clinic's that bills nobody", "/v1/invoices?clinicID=\(quiet)", 50),
            ("part-paid invoices", "/v1/invoices?status=part-paid", 200),
            ("a client's account", "/v1/clients/\(one)/account", 50),
            (
                "a statement of \(ofOneClient) movements",
                "/v1/clients/\(one)/statement?from=2000-01-01&to=2099-12-31", 200
            ),
        ]
    }

    private func client(_ number: Int) -> ClientID { InvoicingWorld.client(number) }

    /// The five letters by which one client's last name differs.
    private func word(_ number: Int) async throws -> String {
        try await world.overseer.transaction { transaction in
            try transaction.one(
                "SELECT right(last_name, 5) AS word FROM client WHERE id = \(InvoicingWorld.client(number))"
            ) {
                row in try row("word")
            }
        }
    }

    /// The five letters by which one client's company differs.
    private func companyWord(_ number: Int) async throws -> String {
        try await world.overseer.transaction { transaction in
            try transaction.one(
                """
                SELECT right(company, 5) AS word FROM billing_details WHERE client = \(InvoicingWorld.client(number))
                """
            ) { row in try row("word") }
        }
    }

    /// The number of one invoice, which says the year of its day.
    private func number(_ invoice: Int) async throws -> String {
        try await world.overseer.transaction { transaction in
            try transaction.one(
                """
                SELECT number FROM invoice
                WHERE id = ('10000000-0000-0000-0000-' || lpad(to_hex(\(Int32(invoice))::int), 12, '0'))::uuid
                """
            ) { row in try row("number") }
        }
    }

    private func ask(_ question: Question, turns: Int) async throws {
        let caller = try await world.caller()
        try await caller.ask(.get, question.path)
        var times: [Double] = []
        for _ in 0..<turns {
            let start = ContinuousClock.now
            try await caller.ask(.get, question.path)
            times.append((ContinuousClock.now - start) / .milliseconds(1))
        }
        let median = Comparison.median(times)
        let verdict = median > question.milliseconds ? ", too long" : ""
        say(
            String(
                format: "%@ %8.1f ms, at most %.1f, of the %.0f it may take %.2f%@",
                question.name.padding(toLength: 46, withPad: " ", startingAt: 0), median, times.max() ?? 0,
                question.milliseconds, median / question.milliseconds, verdict))
        guard showsPlans else { return }
        for line in try await plan({ try await caller.ask(.get, question.path) }) { say("    \(line)") }
    }

    /// What the server says it did for the slowest statement of a call.
    private func plan(_ body: () async throws -> Void) async throws -> [String] {
        let log = try await world.logged("auto_explain.log_min_duration = 0", body)
        let plans = log.components(separatedBy: "LOG:  duration: ").dropFirst()
        let slowest = plans.max { (Double($0.prefix { $0 != " " }) ?? 0) < (Double($1.prefix { $0 != " " }) ?? 0) }
        // A plan's lines are indented by the log; what is not of it has a cost in none of them.
        let lines = (slowest ?? "").split(separator: "\n").filter { $0.contains("(cost=") || $0.contains("Index Cond") }
        return lines.prefix(14).map { line in
            String(line.drop { $0 == "\t" }).replacingOccurrences(
                of: "  \\(cost=[^)]*\\)", with: "", options: .regularExpression)
        }
    }
}
