# ruff: noqa: E501 - lines are as long as the programs write them
"""What word processors put on the clipboard, as they write it."""

WORD = """<html xmlns:v="urn:schemas-microsoft-com:vml"
xmlns:o="urn:schemas-microsoft-com:office:office"
xmlns:w="urn:schemas-microsoft-com:office:word" xmlns="http://www.w3.org/TR/REC-html40">
<head>
<meta http-equiv=Content-Type content="text/html; charset=utf-8">
<meta name=Generator content="Microsoft Word 15">
<link rel=File-List href="file:///C:/Users/asha/AppData/Local/Temp/msohtmlclip1/01/clip.xml">
<!--[if gte mso 9]><xml><w:WordDocument><w:View>Normal</w:View></w:WordDocument></xml><![endif]-->
<style>
<!--
 /* Style Definitions */
p.MsoNormal, li.MsoNormal {mso-style-unhide:no; margin:0cm; font-family:"Calibri",sans-serif;}
-->
</style>
</head>
<body lang=EN-IN style='tab-interval:36.0pt;word-wrap:break-word'>
<!--StartFragment-->
<h1><b>Talks</b><o:p></o:p></h1>
<p class=MsoNormal><span lang=EN-US style='mso-ansi-language:EN-US'>Senior officials held
<b style='mso-bidi-font-weight:normal'>extensive</b><b> deliberations</b> <i>yesterday</i> with <a
href="https://example.org/startups">start-ups</a><del cite="mailto:Asha"
datetime="2026-11-20T10:00"><span style='mso-spacerun:yes'> </span>and donors</del><ins
cite="mailto:Asha" datetime="2026-11-20T10:00"> of Odisha</ins>.<span
class=MsoCommentReference><span style='font-size:8.0pt'><a class=msocomanchor
href="#_msocom_1">[A1]</a><span style='mso-special-character:comment'>&nbsp;</span></span></span>
<span style='mso-hide:all'>for our eyes only</span><o:p></o:p></span></p>
<p class=MsoNormal><o:p>&nbsp;</o:p></p>
<p class=MsoListParagraphCxSpFirst style='text-indent:-18.0pt;mso-list:l0 level1 lfo1'><![if
!supportLists]><span style='font-family:Symbol'><span style='mso-list:Ignore'>\u00b7<span
style='font:7.0pt "Times New Roman"'>&nbsp;&nbsp;&nbsp; </span></span></span><![endif]>Rice<o:p></o:p></p>
<p class=MsoListParagraphCxSpMiddle style='margin-left:72.0pt;mso-list:l0 level2 lfo1'><![if
!supportLists]><span style='mso-list:Ignore'>o<span>&nbsp;&nbsp;</span></span><![endif]>Boiled<o:p></o:p></p>
<p class=MsoListParagraphCxSpLast style='text-indent:-18.0pt;mso-list:l0 level1 lfo1'><![if
!supportLists]><span style='mso-list:Ignore'>\u00b7<span>&nbsp;&nbsp;</span></span><![endif]>Pulses</p>
<p class=MsoNormal>Prices *fell*.</p>
<table class=MsoTableGrid border=1 style='border-collapse:collapse'>
<tr><td width=300 style='width:225.4pt'><p class=MsoNormal><b>Crop</b><o:p></o:p></p></td>
<td><p class=MsoNormal>Rupees<o:p></o:p></p></td></tr>
<tr><td><p class=MsoNormal>Rice<o:p></o:p></p></td><td><p class=MsoNormal>40<o:p></o:p></p></td></tr>
</table>
<div style='mso-element:comment-list'><div style='mso-element:comment'>
<p class=MsoCommentText>Is that so?</p></div></div>
<!--EndFragment-->
</body></html>"""

WORD_AS_MARKDOWN = """## Talks

Senior officials held **extensive deliberations** *yesterday* with \
[start-ups](https://example.org/startups) of Odisha.

- Rice
  - Boiled
- Pulses

Prices \\*fell\\*.

| Crop | Rupees |
| --- | --- |
| Rice | 40 |"""

WORD_AS_HTML = """<h2>Talks</h2>
<p>Senior officials held <b>extensive deliberations</b> <i>yesterday</i> with \
<a href="https://example.org/startups">start-ups</a> of Odisha.</p>
<ul><li>Rice<ul><li>Boiled</li></ul></li><li>Pulses</li></ul>
<p>Prices *fell*.</p>
<table><tbody><tr><td><b>Crop</b></td><td>Rupees</td></tr><tr><td>Rice</td><td>40</td></tr></tbody></table>"""

_DOCS = (
    "font-size:11pt;font-family:Arial,sans-serif;color:#000000;background-color:transparent;"
    "font-variant:normal;text-decoration:none;vertical-align:baseline;"
    "white-space:pre;white-space:pre-wrap;"
)
_PLAIN = f'style="font-weight:400;font-style:normal;{_DOCS}"'
_BOLD = f'style="font-weight:700;font-style:normal;{_DOCS}"'
_SLANTED = f'style="font-weight:400;font-style:italic;{_DOCS}"'
_BOTH = f'style="font-weight:700;font-style:italic;{_DOCS}"'

GOOGLE_DOCS = f"""<meta charset='utf-8'><meta charset="utf-8"><b style="font-weight:normal;" \
id="docs-internal-guid-7d0c5a0b-7fff-1c1e"><h2 dir="ltr" style="line-height:1.38;margin-top:18pt;">\
<span {_BOLD}>Talks</span></h2><p dir="ltr" style="line-height:1.38;"><span {_PLAIN}>Senior officials \
held </span><span {_BOLD}>extensive</span><span {_PLAIN}> and </span><span {_SLANTED}>long</span>\
<span {_PLAIN}> </span><span {_BOTH}>talks</span><span {_PLAIN}> with </span>\
<a href="https://www.google.com/url?q=https://example.org/startups&amp;sa=D" \
style="text-decoration:none;"><span {_PLAIN}>start-ups</span></a><span {_PLAIN}>.</span></p><br />\
<ol style="margin-top:0;"><li dir="ltr" style="list-style-type:decimal;" aria-level="1"><p dir="ltr" \
role="presentation"><span {_PLAIN}>Rice</span></p></li><ul><li dir="ltr" aria-level="2"><p dir="ltr">\
<span {_PLAIN}>Boiled</span></p></li></ul><li dir="ltr"><p dir="ltr"><span {_PLAIN}>Pulses</span></p>\
</li></ol></b><br class="Apple-interchange-newline">"""

GOOGLE_DOCS_AS_MARKDOWN = """## Talks

Senior officials held **extensive** and *long* ***talks*** with [start-ups](https://example.org/startups).

1. Rice
   - Boiled
2. Pulses"""

LIBREOFFICE = """<!DOCTYPE html>
<html>
<head>
<meta http-equiv="content-type" content="text/html; charset=utf-8"/>
<title></title>
<meta name="generator" content="LibreOffice 7.4.7.2 (Linux)"/>
<style type="text/css">
@page { size: 21cm 29.7cm; margin: 2cm }
p { line-height: 115%; margin-bottom: 0.25cm; background: transparent }
</style>
</head>
<body lang="or-IN" link="#000080" vlink="#800000" dir="ltr">
<h3 class="western">\u0b2c\u0b48\u0b20\u0b15</h3>
<p style="line-height: 100%; margin-bottom: 0cm"><font face="Noto Sans Oriya"><font size="3">\u0b2d\u0b41\u0b2c\u0b28\u0b47\u0b36\u0b4d\u0b71\u0b30:
<b>\u0b30\u0b3e\u0b1c\u0b27\u0b3e\u0b28\u0b40</b>\u0b30\u0b47 <i>\u0b2c\u0b39\u0b3f</i> \u0b2e\u0b47\u0b33\u0b3e\u0964</font></font></p>
<p style="margin-bottom: 0cm"><br/>

</p>
<p><span style="background: #c0c0c0">Bhubaneswar </span><img src="file:///tmp/lu1.tmp/a.png" width="10"/>hosts it.</p>
</body>
</html>"""

LIBREOFFICE_AS_MARKDOWN = """### \u0b2c\u0b48\u0b20\u0b15

\u0b2d\u0b41\u0b2c\u0b28\u0b47\u0b36\u0b4d\u0b71\u0b30: **\u0b30\u0b3e\u0b1c\u0b27\u0b3e\u0b28\u0b40**\u0b30\u0b47 *\u0b2c\u0b39\u0b3f* \u0b2e\u0b47\u0b33\u0b3e\u0964

Bhubaneswar hosts it."""

# An editor of programs: its colours say nothing, and its text is Markdown already.
CODE = """<meta charset='utf-8'><div style="color: #d4d4d4;background-color: #1e1e1e;font-family: \
Consolas, 'Courier New', monospace;font-size: 14px;white-space: pre;"><div><span style="color: \
#569cd6;">## Talks</span></div><br><div><span>A **bold** word.</span></div></div>"""
