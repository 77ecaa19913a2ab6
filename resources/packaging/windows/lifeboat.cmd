@echo off
rem The command line of an installed Lifeboat: the application's own Electron as plain Node.
setlocal
set ELECTRON_RUN_AS_NODE=1
"%~dp0..\..\Lifeboat.exe" "%~dp0..\app.asar.unpacked\cli.cjs" %*
exit /b %ERRORLEVEL%
