import PageWriter
import PaymentModel
import Testing

/// The faces of cairo, pango, qpdf and libqrencode.
@Suite struct `A page` {
    private func drawn(_ draw: (PageDrawing) throws -> Void) throws -> [UInt8] {
        let page = try PageDrawing()
        try draw(page)
        return try page.finish()
    }

    @Test func `is a PDF whose text is measured before it is set`() throws {
        let style = TextStyle(10)
        let bytes = try drawn { page in
            let short = page.measure("Rocky", style)
            let long = page.measure("Rocky et Rocky", style)
            #expect(long.width > short.width && long.height == short.height)
            #expect(page.measure("Rocky et Rocky", style, width: short.width + 2).height > 1.9 * short.height)
            #expect(page.text("Rocky", style, at: Point(10, 10)) == short)
            let figures = ["111", "888"].map { page.measure($0, style).width }
            #expect(figures[0] == figures[1], "columns of amounts stand straight")
        }
        #expect(bytes.starts(with: "%PDF-".utf8))
    }

    @Test func `refuses a link that could end the address early`() throws {
        for address in ["https://a.example/'x", "https://a.example/é", "https://a.example/ b", "https://a\\"] {
            let page = try PageDrawing()
            #expect(throws: PageError.self) { try page.link(to: address) {} }
        }
    }

    @Test func `becomes the same archival file whenever it is made of the same`() throws {
        let pages = try drawn { $0.text("Facture", TextStyle(12), at: Point(40, 40)) }
        let file = ArchivalFile(
            title: "Facture <1> & co", author: "Les Lilas", language: "fr-FR", made: PageTime(date: "2026-11-20"),
            attachments: [
                ArchivalFile.Attachment(
                    name: "a.xml", mediaType: "text/xml", relationship: .alternative, summary: "data",
                    bytes: Array("<a/>".utf8))
            ], invoice: FacturXMark(fileName: "a.xml", level: "EN 16931"))
        let written = try file.write(pages, profile: [1, 2, 3])
        #expect(try file.write(pages, profile: [1, 2, 3]) == written)
        let text = String(decoding: written.map { $0 < 128 ? $0 : 63 }, as: UTF8.self)
        #expect(text.hasPrefix("%PDF-1.7") && text.contains("<pdfaid:part>3</pdfaid:part>"))
        #expect(text.contains("Facture &lt;1&gt; &amp; co") && text.contains("/AFRelationship /Alternative"))
        #expect(text.contains("<a/>") && text.contains("D:20261120000000Z"))
    }

    @Test func `is not made of what is no PDF`() {
        let file = ArchivalFile(title: "", author: "", language: "fr", made: PageTime(date: "2026-11-20"))
        #expect(throws: PageError.self) { try file.write(Array("no PDF at all".utf8), profile: []) }
    }

    @Test func `takes a picture only when its header is small and its content whole`() {
        let header: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13] + Array("IHDR".utf8)
        let huge = header + [0, 1, 0, 0, 0, 1, 0, 0] + [UInt8](repeating: 0, count: 20)
        let deep = header + [0, 0, 0, 8, 0, 0, 0, 8, 16] + [UInt8](repeating: 0, count: 20)
        let broken = header + [0, 0, 0, 8, 0, 0, 0, 8, 8] + [UInt8](repeating: 0, count: 20)
        for (bytes, word) in [
            (huge, "65536"), (deep, "16 bits"), (broken, "broken"), (Array("GIF89a".utf8), "not a PNG"),
        ] {
            let error = #expect(throws: PageError.self) { try PNGPicture(bytes) }
            #expect(error?.reason.description.contains(word) == true, "\(word)")
        }
    }

    @Test func `carries a QR code with its three finders, or says that the text is too long`() throws {
        let symbol = try QRSymbol("https://pay.example/p/k3vTq9XwZ1")
        let last = symbol.width - 7
        for (row, column) in [(0, 0), (0, last), (last, 0)] {
            for offset in 0..<7 {
                #expect(symbol.isDark(row: row, column: column + offset))
                #expect(symbol.isDark(row: row + 6, column: column + offset))
            }
            #expect(symbol.isDark(row: row + 3, column: column + 3) && !symbol.isDark(row: row + 1, column: column + 1))
        }
        #expect(throws: PageError.self) { try QRSymbol(String(repeating: "x", count: 5_000)) }
        #expect(throws: PageError.self) { try QRSymbol("") }
    }

    @Test func `has colours by their digits, with text that reads on them`() {
        #expect(Colour(hex: "#1F5F7A") == Colour(0x1F, 0x5F, 0x7A))
        #expect(
            [Colour(hex: "1F5F7A"), Colour(hex: "#1F5F7"), Colour(hex: "#1F5F7G"), Colour(hex: "#é1F5F")] == [
                nil, nil, nil, nil,
            ])
        #expect(Colour(0x1F, 0x5F, 0x7A).readable == .white && Colour(0xF2, 0xB1, 0x34).readable == .black)
    }
}
