/// What the metadata of a Factur-X file say of the invoice inside (Factur-X 1.0, PDF/A-3 extension schema).
package struct FacturXMark: Hashable, Sendable {
    /// Such as `factur-x.xml`.
    package let fileName: String
    /// Such as `EN 16931`.
    package let level: String

    package init(fileName: String, level: String) {
        self.fileName = fileName
        self.level = level
    }
}

/// The XMP packet of an archival file: the same facts as its information dictionary, and its claims.
struct Metadata {
    static let tool = "Quittance"

    private let file: ArchivalFile

    init(of file: ArchivalFile) { self.file = file }

    var packet: String {
        """
        <?xpacket begin="\u{FEFF}" id="W5M0MpCehiHzreSzNTczkc9d"?>
        <x:xmpmeta xmlns:x="adobe:ns:meta/">
          <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
            <rdf:Description rdf:about="" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">
              <pdfaid:part>3</pdfaid:part>
              <pdfaid:conformance>B</pdfaid:conformance>
            </rdf:Description>
            <rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/">
              <dc:format>application/pdf</dc:format>
              <dc:title><rdf:Alt><rdf:li xml:lang="x-default">\(escaped(file.title))</rdf:li></rdf:Alt></dc:title>
              <dc:creator><rdf:Seq><rdf:li>\(escaped(file.author))</rdf:li></rdf:Seq></dc:creator>
              <dc:language><rdf:Bag><rdf:li>\(escaped(file.language))</rdf:li></rdf:Bag></dc:language>
            </rdf:Description>
            <rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" \
        xmlns:pdf="http://ns.adobe.com/pdf/1.3/">
              <xmp:CreatorTool>\(Self.tool)</xmp:CreatorTool>
              <xmp:CreateDate>\(file.made.xmp)</xmp:CreateDate>
              <xmp:ModifyDate>\(file.made.xmp)</xmp:ModifyDate>
              <pdf:Producer>\(Self.tool)</pdf:Producer>
            </rdf:Description>
        \(file.invoice.map(invoice) ?? "")
          </rdf:RDF>
        </x:xmpmeta>
        <?xpacket end="r"?>
        """
    }

    /// PDF/A admits foreign properties only with their schema beside them.
    private func invoice(_ mark: FacturXMark) -> String {
        let properties = [
            ("DocumentFileName", "name of the embedded XML invoice file"),
            ("DocumentType", "INVOICE"),
            ("Version", "version of the XML data"),
            ("ConformanceLevel", "profile of the XML data"),
        ]
        let described = properties.map { name, meaning in
            """
                          <rdf:li rdf:parseType="Resource">
                            <pdfaProperty:name>\(name)</pdfaProperty:name>
                            <pdfaProperty:valueType>Text</pdfaProperty:valueType>
                            <pdfaProperty:category>external</pdfaProperty:category>
                            <pdfaProperty:description>\(meaning)</pdfaProperty:description>
                          </rdf:li>
            """
        }
        return """
                <rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" \
            xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" \
            xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
                  <pdfaExtension:schemas>
                    <rdf:Bag>
                      <rdf:li rdf:parseType="Resource">
                        <pdfaSchema:schema>Factur-X PDFA Extension Schema</pdfaSchema:schema>
                        <pdfaSchema:namespaceURI>\(Self.namespace)</pdfaSchema:namespaceURI>
                        <pdfaSchema:prefix>fx</pdfaSchema:prefix>
                        <pdfaSchema:property>
                          <rdf:Seq>
            \(described.joined(separator: "\n"))
                          </rdf:Seq>
                        </pdfaSchema:property>
                      </rdf:li>
                    </rdf:Bag>
                  </pdfaExtension:schemas>
                </rdf:Description>
                <rdf:Description rdf:about="" xmlns:fx="\(Self.namespace)">
                  <fx:DocumentType>INVOICE</fx:DocumentType>
                  <fx:DocumentFileName>\(escaped(mark.fileName))</fx:DocumentFileName>
                  <fx:Version>1.0</fx:Version>
                  <fx:ConformanceLevel>\(escaped(mark.level))</fx:ConformanceLevel>
                </rdf:Description>
            """
    }

    private static let namespace = "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#"

    private func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars where scalar.value >= 32 {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
