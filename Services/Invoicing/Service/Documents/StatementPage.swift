import InvoicingDomain
import PaymentModel

/// A client's statement as a page for a browser, which prints well too.
struct StatementPage {
    let printable: PrintableStatement
    let words: StatementWords

    var html: String {
        let (statement, seller) = (printable.statement, printable.parties.seller)
        let heads = [words.day, words.kind, words.reference, words.owed, words.paid, words.balance]
        let period = words.period(printable.from, printable.to)
        let turnover = statement.turnover
        var rows = [row(opening: words.opening(printable.from), statement.opening)]
        rows += statement.lines.map(row)
        let sums = [words.amount(turnover.owed), words.amount(turnover.paid)].map { "<td>\(text($0))</td>" }
        return """
            <!doctype html>
            <html lang="\(words.language == .french ? "fr" : "en")">
            <head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
            <title>\(text(words.title)) – \(text(printable.parties.buyer.name))</title>
            <style>\(style)</style></head>
            <body><header><p>\(text(seller.name))</p><h1>\(text(words.title))</h1>
            <p>\(text(printable.parties.buyer.name))<br>\(text(period))</p></header>
            <table><thead><tr>\(heads.map { "<th scope=\"col\">\(text($0))</th>" }.joined())</tr></thead>
            <tbody>
            \(rows.joined(separator: "\n"))
            </tbody>
            <tfoot><tr><th scope="row" colspan="3">\(text(words.turnover))</th>\(sums.joined())<td></td></tr>
            <tr><th scope="row" colspan="3">\(text(words.closing(printable.to))) – \
            \(text(words.meaning(of: statement.closing)))</th>
            <td></td><td></td><td>\(text(words.amount(statement.closing)))</td></tr></tfoot></table>
            </body></html>

            """
    }

    private func row(opening name: String, _ balance: Money) -> String {
        """
        <tr><th scope="row" colspan="3">\(text(name))</th><td></td><td></td><td>\(text(words.amount(balance)))</td></tr>
        """
    }

    private func row(_ line: Statement.Line) -> String {
        let (movement, sides) = (line.movement, line.movement.sides)
        let cells = [
            Wording.date(movement.on), words.kind(of: movement), movement.reference,
            sides.owed.map(words.amount) ?? "", sides.paid.map(words.amount) ?? "", words.amount(line.balance),
        ]
        return "<tr>" + cells.map { "<td>\(text($0))</td>" }.joined() + "</tr>"
    }

    private func text(_ text: String) -> String { MarkupText.escaped(text) }

    private let style = """
        body{font:15px/1.45 Lato,system-ui,sans-serif;color:#1c2226;max-width:60rem;margin:2rem auto;padding:0 1rem}
        h1{font-size:1.6rem;margin:.2rem 0}table{border-collapse:collapse;width:100%}
        th,td{padding:.35rem .5rem;border-bottom:1px solid #d9dee2;text-align:left;vertical-align:top}
        td:nth-last-child(-n+3),thead th:nth-last-child(-n+3){text-align:right;white-space:nowrap}
        thead th{background:#1f5f7a;color:#fff}tfoot th,tfoot td{font-weight:700}
        @media print{thead{display:table-header-group}tr{break-inside:avoid}}
        """
}
